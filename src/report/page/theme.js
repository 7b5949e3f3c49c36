// Light and dark. The reader's system decides until the button in the header, or ?theme= in the address,
// says otherwise; paper is always light. The colours of the charts are here, those of the rest in page.css.

import { element } from './dom.js';

const system = matchMedia('(prefers-color-scheme: dark)');
const asked = new URLSearchParams(location.search).get('theme');
let chosen = ['light', 'dark'].includes(asked) ? asked : undefined;
let printing = false;
const themeListeners = [];

export function theme() {
  if (printing) return 'light';
  return chosen ?? (system.matches ? 'dark' : 'light');
}

export function onThemeChange(listener) {
  themeListeners.push(listener);
}

function apply() {
  document.documentElement.dataset.theme = theme();
  for (const listener of themeListeners) listener();
}

document.documentElement.dataset.theme = theme();
system.addEventListener('change', apply);
for (const [event, value] of [['beforeprint', true], ['afterprint', false]]) {
  addEventListener(event, () => {
    const before = theme();
    printing = value;
    if (theme() !== before) apply();
  });
}

export function themeButton() {
  const label = () => (theme() === 'dark' ? 'Light theme' : 'Dark theme');
  const button = element('button', { type: 'button', class: 'quiet', id: 'theme', click: () => {
    chosen = theme() === 'dark' ? 'light' : 'dark';
    apply();
  } }, label());
  onThemeChange(() => { button.textContent = label(); });
  return button;
}

export const chartColours = {
  light: {
    background: '#ffffff', ink: '#1b1f24', soft: '#57606a', line: '#d9dee4', grid: '#edf0f3',
    good: ['#f1f6fb', '#cfe1f2', '#93c0e2', '#4a97cf', '#1a66ac', '#0a3d78'],
    bad: ['#fdf5ee', '#fbdcc0', '#f6b27c', '#e5803c', '#bd5512', '#7f3406'],
    deep: '#ffffff', pale: '#1b1f24', flip: 0.68,
  },
  dark: {
    background: '#12161b', ink: '#e6e9ed', soft: '#a3acb7', line: '#39414b', grid: '#232a32',
    good: ['#18222d', '#1d3a57', '#225a8d', '#3b87c6', '#7fb8e8', '#cfe5f8'],
    bad: ['#241d18', '#4a2d17', '#7d4317', '#b8651f', '#e59a55', '#f9d9b5'],
    deep: '#0c1014', pale: '#e6e9ed', flip: 0.5,
  },
};

// The colour of a number on a cell whose colour is `share` of the way along `good` or `bad`.
export const inkOn = (colours, share) => (share > colours.flip ? colours.deep : colours.pale);
