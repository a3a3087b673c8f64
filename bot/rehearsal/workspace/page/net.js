// The only talk with the server: its state, its stream of revisions, and the acts of the reader.

import { store } from './store.js';

const PAUSES = [500, 1000, 2000, 4000];

/** Keeps `onState` supplied with the newest state; tells `onLink` whether the stream stands. */
export function follow(onState, onLink) {
  let busy = false;
  let stale = false;
  let broken = false;
  let failures = 0;

  async function refresh() {
    stale = true;
    if (busy) return;
    busy = true;
    try {
      while (stale) {
        stale = false;
        const asked = store.user;
        const state = await fetchState(asked).catch(() => null);
        if (!state) setTimeout(refresh, 1000);
        onLink(!broken && Boolean(state));
        if (asked !== store.user) stale = true;
        else if (state) onState(state);
      }
    } finally {
      busy = false;
    }
  }

  function listen() {
    const stream = new EventSource('/page/stream');
    stream.onopen = () => {
      failures = 0;
      broken = false;
      refresh();
    };
    stream.onmessage = (event) => {
      if (JSON.parse(event.data).revision !== store.state?.revision) refresh();
    };
    stream.onerror = () => {
      broken = true;
      onLink(false);
      stream.close();
      setTimeout(listen, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
    };
  }

  refresh();
  listen();
  return refresh;
}

async function fetchState(user) {
  const query = user ? `?user=${encodeURIComponent(user)}` : '';
  const answer = await fetch(`/page/state${query}`);
  if (!answer.ok && user) return fetchState('');
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  return answer.json();
}

/** Does one act as the current person; answers {ok, error?, errors?} and never throws. */
export async function act(kind, body) {
  try {
    const answer = await fetch('/page/act', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ act: kind, user: store.user, ...body }),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: 'The workspace did not answer. Is it still running?' };
  }
}
