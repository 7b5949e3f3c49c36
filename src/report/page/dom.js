// Building the document. Text only ever enters it as text nodes and attributes, never as HTML, so that no
// name in a data set or configuration can become markup.

// element('a', { href: '#top', class: 'x' }, 'text', node): functions become listeners of their event,
// false and undefined attributes are left out, and so are empty children.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  addTo(node, attributes, children);
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  addTo(node, attributes, children);
  return node;
}

function addTo(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      node.addEventListener(name, value);
    } else if (value !== false && value !== undefined) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ''));
}

// A section of the page, and its entry, with a shorter name, in the table of contents.
export function section(id, title, shortTitle, ...children) {
  const heading = element('h2', { id: `${id}-title` }, title);
  document.getElementById('main').append(
    element('section', { id, 'aria-labelledby': heading.id }, heading, ...children));
  document.getElementById('contents').append(element('a', { href: `#${id}` }, shortTitle));
}

// Choices are [value, label] or { group, choices }. `changed` gets the value chosen.
export function select(label, choices, changed) {
  const option = ([value, text]) => element('option', { value }, text);
  const menu = element('select', { change: () => changed(menu.value) },
    choices.map((c) => (Array.isArray(c) ? option(c) : element('optgroup', { label: c.group }, c.choices.map(option)))));
  return element('label', { class: 'select' }, element('span', {}, label), menu);
}

// Hands `content` (a Blob) to the reader as a file.
export function save(content, name) {
  const url = URL.createObjectURL(content);
  const link = element('a', { href: url, download: name.replace(/[^\w.-]+/g, '-') });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
