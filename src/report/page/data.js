// The study's data: the one JSON value in the page (report_data.h says what its members mean), and ways to
// look things up in it. Names come from outside and may be anything, so they are keys of Maps only.

// Vega keys plain objects by names in the data, and stumbles over those that every object has, such as
// 'constructor'. An invisible character (word joiner) before such a name keeps it apart.
const keepApart = (_, value) => (typeof value === 'string' && value in {} ? `\u2060${value}` : value);

export const data = JSON.parse(document.getElementById('data').textContent, keepApart);

// An Interval is [value, lo, hi] in the JSON, with null for "not measured" and 'beyond' for a
// breaking point that was never reached.
export function interval(triple) {
  const [value, lo, hi] = triple.map((x) => (x === 'beyond' ? Infinity : x));
  return { value, lo, hi };
}

export const measured = (x) => x !== null && x !== undefined;

export const variantNames = data.variants.map((v) => v.name);
export const applicableFaults = data.faults.filter((f) => f.not_applicable === '');
export const faultNames = applicableFaults.map((f) => f.name);
export const severities = [...new Set(data.results.map((r) => r.severity))].sort((a, b) => a - b);

const key = (...names) => JSON.stringify(names);
const results = new Map(data.results.map((r) => [key(r.variant, r.fault, r.severity), r]));
const summaries = new Map(data.fault_summaries.map((s) => [key(s.variant, s.fault), s]));

// Severity 0 of every fault is the clean condition. Undefined if the study has no such result.
export function result(variant, fault, severity) {
  return results.get(severity === 0 ? key(variant, '', 0) : key(variant, fault, severity));
}

export const faultSummary = (variant, fault) => summaries.get(key(variant, fault));

// "gaussian, severity 3 (sd = 0.5)", or "clean".
export function conditionName(faultName, severity) {
  if (severity === 0) return 'clean';
  const fault = data.faults.find((f) => f.name === faultName);
  const level = fault?.levels[severity - 1];
  return `${faultName}, severity ${severity}` + (level === undefined ? '' : ` (${fault.parameter} ${level})`);
}
