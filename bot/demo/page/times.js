// Times in the zone the visitor chose, and Telegram's date-time entities.

import { now, store } from './store.js';
import { locale, say } from './words.js';

export const zones = () => [
  ...new Set([store.labZone ?? '', '', 'Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'UTC']),
];
const cache = new Map();

function format(at, options) {
  const key = JSON.stringify([locale(), store.zone, options]);
  if (!cache.has(key))
    cache.set(key, new Intl.DateTimeFormat(locale(), { ...options, ...(store.zone && { timeZone: store.zone }) }));
  return cache
    .get(key)
    .format(at)
    .replace(/(\p{Script=Han})(\d{2}:)/u, '$1 $2');
}

export const clock = (at) => format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
export const fullTime = (at) => format(at, { dateStyle: 'full', timeStyle: 'long' });
export const dayKey = (at) => format(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
export const demoClock = () =>
  format(now(), { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export function day(at) {
  if (dayKey(at) === dayKey(now())) return say('today');
  if (dayKey(at) === dayKey(now() - 86400000)) return say('yesterday');
  return format(at, { month: 'long', day: 'numeric', weekday: 'short' });
}

export function listTime(at) {
  if (dayKey(at) === dayKey(now())) return clock(at);
  return now() - at < 6 * 86400000
    ? format(at, { weekday: 'short' })
    : format(at, { month: 'numeric', day: 'numeric' });
}

const UNITS = [
  ['year', 31536000],
  ['month', 2592000],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

export function relative(at) {
  const seconds = Math.round((at - now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: seconds ? 'always' : 'auto' }).format(Math.trunc(seconds / size), unit);
}

// Bot API 9.5: "r" is relative, else weekday, date and time, each long or short; empty keeps the sender's words.
export function dateTime(unix, shape) {
  const at = unix * 1000;
  if (shape === 'r') return relative(at);
  const date = shape.includes('d')
    ? { year: '2-digit', month: '2-digit', day: '2-digit' }
    : { year: 'numeric', month: 'long', day: 'numeric' };
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (shape.includes('T')) time.second = '2-digit';
  const parts = [
    shape.includes('w') && format(at, { weekday: shape.includes('D') ? 'long' : 'short' }),
    /[dD]/.test(shape) && format(at, date),
    /[tT]/.test(shape) && format(at, time),
  ];
  return parts.filter(Boolean).join(' ') || null;
}
