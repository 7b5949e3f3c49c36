// Which variants the line and cost charts show: one choice for all of them, made with the buttons of any.

import { data, variantNames } from './data.js';
import { element } from './dom.js';
import { swatch } from './palette.js';

const hidden = new Set();
const filterListeners = [];

export const shownVariants = () => variantNames.filter((name) => !hidden.has(name));

export function onVariantsChange(listener) {
  filterListeners.push(listener);
}

function changed() {
  for (const listener of filterListeners) listener();
}

function show(names) {
  hidden.clear();
  for (const name of variantNames) if (!names.includes(name)) hidden.add(name);
  changed();
}

export function variantButtons() {
  const buttons = data.variants.map(({ name, control, description }) => element('button',
    { type: 'button', class: 'variant', title: description, click: () => {
      if (!hidden.delete(name)) hidden.add(name);
      changed();
    } }, swatch(name), name, control ? element('span', { class: 'tag' }, 'control') : ''));
  const press = () => buttons.forEach((b, i) => b.setAttribute('aria-pressed', String(!hidden.has(variantNames[i]))));
  press();
  onVariantsChange(press);

  const leads = data.variants.filter((v) => !v.control).map((v) => v.name);
  const quick = (text, names) => element('button', { type: 'button', class: 'quiet', click: () => show(names) }, text);
  return element('div', { class: 'legend', role: 'group', 'aria-label': 'Variants shown' }, buttons,
    quick('All', variantNames), leads.length < variantNames.length ? quick('Without controls', leads) : '');
}
