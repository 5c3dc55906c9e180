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
  send: 'M3.4 20.4 21 12.9a1 1 0 0 0 0-1.8L3.4 3.6a1 1 0 0 0-1.4 1.2L4.2 11 14 12l-9.800 1-2.200 6.200a1 1 0 0 0 1.400 1.200z',
  back: 'M15 5l-7 7 7 7', down: 'M6 9l6 6 6-6', close: 'M6 6l12 12M18 6L6 18', check: 'M4 12.500l5 5L20 6.500',
  checks: 'M1.500 12.500l4.500 4.500L15 7M10.500 15.500L12 17l9-10',
  clip: 'M20 11.500l-8.200 8.200a5.200 5.200 0 0 1-7.400-7.400l8.800-8.800a3.500 3.500 0 0 1 5 5l-8.700 8.700a1.800 1.800 0 0 1-2.500-2.500l7.800-7.800',
  slash: 'M15.500 4.500l-7 15', reply: 'M10 8V4l-7 7 7 7v-4.200c5 0 8.500 1.600 11 5.200-1-5-4-10-11-11z',
  edit: 'M4 20h4L19 9a2.800 2.800 0 0 0-4-4L4 16z', copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13', pin: 'M14.500 3.500l6 6-2 1-3.500 3.500-.5 4-6.500-6.500 4-.5L15.500 7.500zM9.500 14.500L4 20',
  link: 'M8 16L17 7M9 7h8v8', file: 'M6 3h8l5 5v13H6zM14 3v5h5', save: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  eye: 'M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12zM12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600z',
  sun: 'M12 7.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M5 19l1.400-1.400M17.600 6.400L19 5',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z', globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.500 6 3.500 9s-.5 6-3.500 9c-3-3-3.500-6-3.500-9S9 6 12 3z',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2', group: 'M8.500 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2 19c0-3.500 3-5.500 6.500-5.500S15 15.500 15 19M16 4.500a3.300 3.300 0 0 1 0 6.300M18 13.900c2.400.8 4 2.600 4 5.100',
  mute: 'M6 10a6 6 0 0 1 9.500-4.900M18 10c0 4 1.500 5.500 2 6H7M6 13c-.3 1.600-1 2.500-1.500 3M10 19.500a2.200 2.200 0 0 0 4 0M4 4l16 16',
  more: 'M5 12h.01M12 12h.01M19 12h.01', ban: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.600 5.600l12.800 12.800',
};
const SOLID = new Set(['send', 'reply']);

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
