// How far the study is, of a page that was written while it ran. It reloads itself: the running program writes it
// again and again. A page that nobody has written for a while says so instead.

import { data } from './data.js';
import { element, section } from './dom.js';
import { count, duration } from './format.js';
import { table } from './table.js';

const reloadSeconds = 15;
const silentSeconds = 300;

export function progress() {
  const state = data.progress;
  if (state === null) return;
  const written = new Date(1000 * state.as_of);
  const silent = Date.now() - written > 1000 * silentSeconds;
  const left = state.seconds_left === null ? '' : ` About ${duration(state.seconds_left)} left.`;
  const now = state.running.length === 0 ? '' : ` Now: ${state.running.join('; ')}.`;
  section('progress', silent ? 'Not finished' : 'Running', 'Progress',
    element('p', {}, silent
      ? `Written at ${written.toLocaleString()}, and not since: the study may have been stopped. The same command goes on from there.`
      : `Written at ${written.toLocaleTimeString()}; this page reloads itself.${left}${now}`),
    table('Jobs of the study', [
      { title: 'Jobs', head: true, cell: (j) => j.kind, value: (j) => j.kind },
      { title: 'Done', numeric: true, cell: (j) => count(j.done), value: (j) => j.done },
      { title: 'All', numeric: true, cell: (j) => count(j.total), value: (j) => j.total },
      { title: '', cell: (j) => element('progress', { max: j.total, value: j.done, 'aria-label': `${j.kind}: ${j.done} of ${j.total}` }) },
    ], state.jobs, { narrow: true }));
  if (!silent) setTimeout(() => location.reload(), 1000 * reloadSeconds);
}
