// How the server, the bot's rights and the group are: switched live, so that every plain form can be seen.

import { el, icon } from './dom.js';
import { toast } from './over.js';
import { changed, store } from './store.js';
import { say } from './words.js';
import { act } from './wire.js';

let open = false;
let restarting = false;

const ROWS = [
  ['server', 'server', [['10.3', 'serverNew'], ['10.0', 'serverOld']]],
  ['rights', 'botIs', [['administrator', 'asAdmin'], ['member', 'asMember']]],
  ['forum', 'groupIs', [['off', 'plainGroup'], ['on', 'withTopics']]],
];

export function switches() {
  if (!store.switches) return null;
  return el(
    'div',
    { class: 'switches' },
    el(
      'button',
      { class: 'switches-title', type: 'button', 'aria-expanded': String(open), on: { click: toggle } },
      say('howItIs'),
      icon('down', 16),
    ),
    open ? el('div', { class: 'switches-body' }, ROWS.map(row), restart(), el('p', {}, say('whenNoticed'))) : null,
  );
}

export function segments(options, current, deed) {
  return el(
    'div',
    { class: 'segments' },
    options.map(([code, label]) =>
      el(
        'button',
        {
          type: 'button',
          class: code === current ? 'on' : '',
          'aria-pressed': String(code === current),
          data: { code },
          on: { click: () => deed(code) },
        },
        label,
      ),
    ),
  );
}

function row([name, title, options]) {
  const now = store.switches[name];
  const current = name === 'forum' ? (now ? 'on' : 'off') : now;
  const labels = options.map(([code, key]) => [code, say(key)]);
  return el(
    'div',
    { class: 'switch', data: { switch: name } },
    el('span', {}, say(title)),
    segments(labels, current, (value) => tell('switch', { name, value })),
  );
}

function restart() {
  if (!store.switches.restart) return null;
  const label = restarting ? say('restarting') : say('restartBot');
  return el(
    'button',
    { class: 'restart', type: 'button', disabled: restarting, on: { click: startAnew } },
    label,
  );
}

function toggle() {
  open = !open;
  changed({ read: true });
}

async function startAnew() {
  restarting = true;
  changed({ read: true });
  await tell('restart', {});
  restarting = false;
  changed({ read: true });
}

async function tell(action, body) {
  try {
    await act(action, body);
  } catch (error) {
    toast(error.message);
  }
}
