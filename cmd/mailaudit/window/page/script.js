'use strict';
(() => {
  const view = document.body.dataset.view;
  const lost = document.getElementById('lost');
  const source = new EventSource('events');
  let misses = 0;
  source.onmessage = (message) => {
    misses = 0;
    lost.hidden = true;
    const news = JSON.parse(message.data);
    if (view !== 'folder' && news.stage !== view) {
      source.close();
      location.reload();
      return;
    }
    if (view !== 'scan') return;
    const bar = document.getElementById('bar');
    if (news.percent < 0) bar.removeAttribute('value');
    else bar.value = news.percent;
    const lines = document.getElementById('lines');
    lines.replaceChildren(...news.lines.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }));
  };
  source.onerror = () => {
    if (++misses < 2) return;
    lost.textContent = document.body.dataset.lost;
    lost.hidden = false;
    source.close();
  };
})();
