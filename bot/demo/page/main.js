// Starts the page and redraws what changed.

import { draw as drawChat, look } from './chat.js';
import { changed, fromAddress, store, watch } from './store.js';
import { draw as drawSide, drawBanner } from './side.js';
import { relative } from './times.js';
import { useLanguage } from './words.js';
import { connect } from './wire.js';

function dress() {
  useLanguage(store.language);
  document.documentElement.dataset.theme = store.theme;
}

watch((what) => {
  dress();
  if (!store.ready) return;
  if (what.all || what.typing || what.chat === store.open) drawChat(what);
  if (what.all || what.chat || what.typing || what.read) drawSide();
});

addEventListener('popstate', () => {
  const found = fromAddress();
  if (!found) return;
  [store.me, store.open, store.topic] = found;
  changed({ all: true, moved: true });
});

// Times that count down, and the demo's clock.
setInterval(() => {
  if (!store.ready) return;
  drawBanner();
  for (const node of document.querySelectorAll('time[data-unix]'))
    node.textContent = relative(node.dataset.unix * 1000);
}, 5000);

dress();
addEventListener('focus', look);
connect();
window.junzi = { store }; // for a curious visitor, and for the browser test
