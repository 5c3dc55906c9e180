// The line to the server: news over a WebSocket that finds its way back, deeds over POST.

import { changed, openTopic, store, take } from './store.js';

let pause = 300;

export function connect() {
  const socket = new WebSocket(`ws://${location.host}/page/live`);
  socket.onopen = () => {
    pause = 300;
    store.online = true;
    changed({ all: true });
  };
  socket.onmessage = (message) => take(JSON.parse(message.data));
  socket.onclose = () => {
    store.online = false;
    changed({ all: true });
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, 5000);
  };
}

export async function act(action, body) {
  const answer = await fetch(`/page/do/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ persona: store.me, ...body }),
  });
  const result = await answer.json();
  if (!result.ok) throw new Error(result.why);
  return result;
}

export async function upload(chat, file, caption, replyTo) {
  const form = new FormData();
  form.append('persona', store.me);
  form.append('chat', chat);
  form.append('caption', caption ?? '');
  if (openTopic(chat)) form.append('topic', openTopic(chat));
  if (replyTo) form.append('reply_to', replyTo);
  form.append('file', file);
  const answer = await fetch('/page/upload', { method: 'POST', body: form });
  const result = await answer.json();
  if (!result.ok) throw new Error(result.why);
  return result;
}

export const fileUrl = (id, download = false) => `/page/file/${encodeURIComponent(id)}${download ? '?download' : ''}`;
