// Numbers as text. Every function gives an en dash for what was not measured.

import { measured } from './data.js';

export const notMeasured = '\u2013';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const or = (format) => (x) => (measured(x) ? format(x) : notMeasured);

// 0.8471 -> "84.7". The percent sign is in the column's head.
export const percent = or((x) => (100 * x).toFixed(1));
export const ratio = or((x) => x.toFixed(3));
export const count = or((x) => (x < 0 ? notMeasured : grouped.format(x)));
export const microseconds = or((x) => (x < 100 ? x.toPrecision(3) : grouped.format(x)));

// A severity; beyond the last one, "5+".
export const severityOf = (last) => or((x) => (x > last ? `${last}+` : x.toFixed(1)));

// 42 -> "42 s", 200 -> "3 min", 7800 -> "2 h 10 min".
export function duration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const bytes = or((x) => {
  if (x < 0) return notMeasured;
  return x < 1024 ? `${x} B` : x < 1024 * 1024 ? `${(x / 1024).toFixed(1)} KiB` : `${(x / 1048576).toFixed(2)} MiB`;
});

export const macs = or((x) => {
  if (x < 0) return notMeasured;
  return x < 1e6 ? `${(x / 1e3).toFixed(1)} k` : `${(x / 1e6).toFixed(2)} M`;
});

// "[83.9, 85.4]", or nothing where there is no interval.
export function range({ lo, hi }, format) {
  return measured(lo) && measured(hi) ? `[${format(lo)}, ${format(hi)}]` : '';
}

export const withRange = (x, format) => [format(x.value), range(x, format)].filter((text) => text !== '').join(' ');

export const plural = (n, noun, nouns = `${noun}s`) => `${count(n)} ${n === 1 ? noun : nouns}`;
