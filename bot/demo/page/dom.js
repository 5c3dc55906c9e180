// Builds page elements. Words of people only ever become text nodes: there is no innerHTML in this page.

const SVG = 'http://www.w3.org/2000/svg';

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'text') node.textContent = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  send: 'M3.4 20.4 21 12.9a1 1 0 0 0 0-1.8L3.4 3.6a1 1 0 0 0-1.4 1.2L4.2 11 14 12l-9.8 1-2.2 6.2a1 1 0 0 0 1.4 1.2z',
  back: 'M15 5l-7 7 7 7',
  down: 'M6 9l6 6 6-6',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M4 12.5l5 5L20 6.5',
  checks: 'M1.5 12.5l4.5 4.5L15 7M10.5 15.5L12 17l9-10',
  clip: 'M20 11.5l-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4l8.8-8.8a3.5 3.5 0 0 1 5 5l-8.7 8.7a1.8 1.8 0 0 1-2.5-2.5l7.8-7.8',
  slash: 'M15.5 4.5l-7 15',
  reply: 'M10 8V4l-7 7 7 7v-4.2c5 0 8.5 1.6 11 5.2-1-5-4-10-11-11z',
  edit: 'M4 20h4L19 9a2.8 2.8 0 0 0-4-4L4 16z',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  pin: 'M14.5 3.5l6 6-2 1-3.5 3.5-.5 4-6.5-6.5 4-.5L15.5 7.5zM9.5 14.5L4 20',
  link: 'M8 16L17 7M9 7h8v8',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  eye: 'M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  sun: 'M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  globe:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3z',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2',
  group:
    'M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 19c0-3.5 3-5.5 6.5-5.5S15 15.5 15 19M16 4.5a3.3 3.3 0 0 1 0 6.3M18 13.9c2.4.8 4 2.6 4 5.1',
  mute: 'M6 10a6 6 0 0 1 9.5-4.9M18 10c0 4 1.5 5.5 2 6H7M6 13c-.3 1.6-1 2.5-1.5 3M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16',
  more: 'M4 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0M11 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0M18 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0',
  topic: 'M20 11.5c0 4.1-3.6 7.5-8 7.5-1 0-2-.2-2.9-.5L4.5 20l1.3-3.6A7 7 0 0 1 4 11.5C4 7.4 7.6 4 12 4s8 3.4 8 7.5z',
  hash: 'M9.5 4l-2 16M16.5 4l-2 16M4.5 9.2h16M3.5 14.8h16',
  lock: 'M6.5 11h11v8.5h-11zM8.8 11V8a3.2 3.2 0 0 1 6.4 0v3',
  ban: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.6 5.6l12.8 12.8',
};
const SOLID = new Set(['send', 'reply', 'topic']);

export function icon(name, size = 24) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('width', size);
  svg.setAttribute('height', size);
  svg.setAttribute('class', `icon ${SOLID.has(name) ? 'solid' : 'line'}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

// Puts children in order while leaving alone those already in place, so that scrolling and pictures stay.
export function arrange(parent, children) {
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

// Shows new children, and keeps each old one that looks the same: a node that is replaced loses the click under way.
export function refresh(parent, children) {
  const wanted = children.filter(Boolean);
  const kept = wanted.map((child, index) => (parent.children[index]?.isEqualNode(child) ? parent.children[index] : child));
  arrange(parent, kept);
}
