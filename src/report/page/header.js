// The head of the page: what was studied, on what, how much of it, and the verdict in plain words.

import { applicableFaults, data, measured, severities } from './data.js';
import { element } from './dom.js';
import { count, plural } from './format.js';
import { themeButton } from './theme.js';

export function header() {
  document.title = `${data.study} \u2013 edgeproof study report`;
  document.getElementById('top').append(
    element('div', { class: 'bar' }, element('p', { class: 'eyebrow' }, 'edgeproof study report'), themeButton()),
    element('h1', {}, data.study),
    element('p', { class: 'lead' }, element('strong', {}, data.dataset.name),
      data.dataset.split === '' ? '' : `, split: ${data.dataset.split}`),
    element('dl', { class: 'facts' }, facts().map(([value, term, detail]) =>
      element('div', {}, element('dt', {}, term), element('dd', {}, value), element('dd', { class: 'note' }, detail)))),
    data.verdict.length === 0 ? '' : element('div', { class: 'verdict' },
      element('h2', {}, 'In short'), element('ul', {}, data.verdict.map((line) => element('li', {}, line)))));
}

// [value, term, detail] of what is known.
function facts() {
  const set = data.dataset;
  const controls = data.variants.filter((v) => v.control).length;
  const levels = severities.filter((s) => s > 0).length;
  const list = data.variants.length === 0 ? [] : [
    [count(data.variants.length), 'Variants', controls ? `${plural(controls, 'control')} among them` : ''],
    [`${applicableFaults.length} \u00d7 ${levels}`, 'Faults \u00d7 severities', applicableFaults.map((f) => f.name).join(', ')],
  ];
  list.push([count(data.seeds.length), data.seeds.length === 1 ? 'Training seed' : 'Training seeds', data.seeds.join(', ')]);
  if (set.test_windows >= 0) {
    const others = [[set.train_windows, 'training'], [set.validation_windows, 'validation']].filter(([n]) => n >= 0);
    list.push([count(set.test_windows), 'Test windows', others.map(([n, what]) => `${count(n)} ${what}`).join(', ')]);
  }
  if (set.classes.length) list.push([count(set.classes.length), 'Classes', set.classes.join(', ')]);
  if (set.channels.length) {
    const rate = measured(set.rate_hz) ? ` at ${set.rate_hz} Hz` : '';
    list.push([`${set.channels.length} \u00d7 ${count(set.window_samples)}`, 'Channels \u00d7 samples',
      [set.subjects >= 0 ? plural(set.subjects, 'group') : '', rate.trim()].filter(Boolean).join(', ')]);
  }
  return list;
}
