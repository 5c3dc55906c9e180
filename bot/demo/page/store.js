// What the page knows: everything the server sent, who the visitor is, and what they have read.

const kept = (name, fallback) => {
  try {
    return localStorage.getItem(`junzi.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
};
const keep = (name, value) => {
  try {
    localStorage.setItem(`junzi.${name}`, value);
  } catch {
    /* private windows may refuse */
  }
};

export const store = {
  ready: false,
  online: false,
  bot: null,
  people: new Map(),
  chats: new Map(),
  group: 0,
  tags: {},
  menus: {},
  speed: 1,
  me: null,
  open: null,
  topic: 0, // of a forum; 0 is General
  read: new Map(),
  typing: new Map(),
  drafts: new Map(),
  hints: [],
  descriptions: {},
  switches: null,
  clock: { at: Date.now(), real: Date.now() },
  language: kept('language', navigator.language.startsWith('zh') ? 'zh' : 'en'),
  theme: kept('theme', matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
  zone: kept('zone', null),
  labZone: null,
};
const watchers = new Set();

export const watch = (watcher) => watchers.add(watcher);
export function changed(what = {}) {
  for (const watcher of watchers) watcher(what);
}

export function set(name, value) {
  store[name] = value;
  if (['language', 'theme', 'zone'].includes(name)) keep(name, value);
  changed({ all: true });
}

// The demo's time may run faster than the visitor's.
export const now = () => store.clock.at + (Date.now() - store.clock.real) * store.speed;

export const chatOf = (id) => store.chats.get(Number(id));
export const isGroup = (id) => Number(id) === store.group;

export function nameOf(id) {
  if (store.bot && id === store.bot.id) return store.bot.first_name;
  return store.people.get(id)?.name ?? '?';
}

export function visible(chatId, person = store.me) {
  const messages = [...(chatOf(chatId)?.messages.values() ?? [])].filter((m) => !m.receiver || m.receiver === person);
  const covered = new Set(messages.map((m) => m.replaces).filter(Boolean));
  return messages.filter((m) => !covered.has(m.key)).sort((a, b) => a.order - b.order);
}

// Telegram's own notes in a chat, such as "pinned a message".
const NOTES = ['pinned_message', 'forum_topic_created', 'forum_topic_closed', 'forum_topic_reopened'];
export const isNote = (message) => NOTES.some((kind) => kind in message);

export const topicOf = (chatId, message) => (chatOf(chatId)?.forum ? (message.topic ?? 0) : 0);
export const topicIn = (chatId, id) => chatOf(chatId)?.topics.find((topic) => topic.id === id);
export const openTopic = (chatId = store.open) =>
  chatOf(chatId)?.forum && topicIn(chatId, store.topic) ? store.topic : 0;
export const isClosed = (chatId, topic) => {
  const chat = chatOf(chatId);
  return Boolean(chat?.forum && (topic ? topicIn(chatId, topic)?.closed : chat.general_closed));
};

// What the open chat shows: of a forum, one topic.
export const shown = (chatId) => visible(chatId).filter((m) => topicOf(chatId, m) === openTopic(chatId));

const readKey = (person, chat, topic) => `${person}/${chat}/${topic}`;

export function unread(person, chat, topic = null) {
  return visible(chat, person).filter((m) => {
    const its = topicOf(chat, m);
    const last = lastRead(person, chat, its);
    return (topic === null || its === topic) && m.order > last && m.from.id !== person && !isNote(m);
  }).length;
}

export const lastRead = (person, chat, topic = openTopic(chat)) => store.read.get(readKey(person, chat, topic)) ?? 0;

export function markRead(person, chat) {
  const last = shown(chat).at(-1)?.order ?? 0;
  if (last <= lastRead(person, chat)) return false;
  store.read.set(readKey(person, chat, openTopic(chat)), last);
  return true;
}

export function go(person, chat, topic = store.topic) {
  store.me = person;
  store.open = chat;
  store.topic = topic;
  const there = chat ? `/${chat}${openTopic(chat) ? `/${topic}` : ''}` : '';
  const hash = `#${person}${there}`;
  if (location.hash !== hash) history.pushState(null, '', hash);
  changed({ all: true, moved: true });
}

export function fromAddress() {
  const [person, chat, topic] = location.hash.slice(1).split('/').map(Number);
  if (!store.people.has(person)) return null;
  return [person, chat === store.group || chat === person ? chat : null, topic || 0];
}

// --- what the server says -------------------------------------------------------------------------------------

const takers = {
  hello(event) {
    const first = !store.ready;
    if (event.run !== store.run) store.read.clear(); // another server counts anew
    store.run = event.run;
    Object.assign(store, {
      bot: event.bot,
      group: event.group,
      tags: event.tags,
      menus: event.menus,
      speed: event.speed,
      hints: event.hints,
      descriptions: event.descriptions,
      switches: event.switches,
    });
    store.people = new Map(event.people.map((person) => [person.id, person]));
    store.chats = new Map(
      event.chats.map((chat) => [chat.id, { ...chat, messages: new Map(chat.messages.map((m) => [m.key, m])) }]),
    );
    store.labZone = event.zone;
    store.zone ??= event.zone ?? '';
    store.ready = true;
    if (!first && store.people.has(store.me)) return { all: true };
    const wide = matchMedia('(min-width: 900px)').matches;
    const somebody = event.people[0]?.id ?? null;
    const talk = chatOf(event.group).messages.size ? event.group : somebody;
    const [person, chat, topic] = fromAddress() ?? [somebody, wide ? talk : null, 0];
    Object.assign(store, { me: person, open: chat, topic });
    return { all: true, moved: true };
  },
  post(event) {
    chatOf(event.chat).messages.set(event.message.key, event.message);
    if (event.message.from.id === store.bot.id) {
      store.typing.delete(event.chat);
      store.drafts.delete(event.chat);
    }
    return { chat: event.chat, fresh: event.message };
  },
  edit(event) {
    chatOf(event.chat).messages.set(event.message.key, event.message);
    return { chat: event.chat };
  },
  gone(event) {
    chatOf(event.chat).messages.delete(event.key);
    return { chat: event.chat };
  },
  pins(event) {
    chatOf(event.chat).pins = event.keys;
    return { chat: event.chat };
  },
  chat(event) {
    Object.assign(chatOf(event.chat), { started: event.started, blocked: event.blocked });
    return { all: true };
  },
  topics(event) {
    const { forum, topics, general_closed } = event;
    Object.assign(chatOf(event.chat), { forum, topics, general_closed });
    return { all: true, moved: event.chat === store.open };
  },
  switches(event) {
    store.switches = event.switches;
    return { all: true };
  },
  tags(event) {
    store.tags = event.tags;
    return { all: true };
  },
  commands(event) {
    Object.assign(store, { menus: event.menus, descriptions: event.descriptions });
    return { all: true };
  },
  draft(event) {
    store.drafts.set(event.chat, { ...event, until: Date.now() + 30000 });
    setTimeout(() => changed({ chat: event.chat }), 30100);
    return { chat: event.chat };
  },
  language(event) {
    store.people.get(event.person).language = event.language;
    store.menus = event.menus;
    return { all: true };
  },
  typing(event) {
    store.typing.set(event.chat, { action: event.action, topic: event.topic ?? 0, until: Date.now() + 5200 });
    setTimeout(() => changed({ typing: true }), 5300);
    return { typing: true };
  },
  answer(event) {
    return { answer: event };
  },
};

export function take(event) {
  store.clock = { at: event.now * 1000, real: Date.now() };
  const taker = takers[event.kind];
  if (taker) changed(taker(event));
}
