// The status page: draws what the daemon tells once a second. It only reads. Texts from outside become text nodes.
const points = 60;
const phases = ['dns', 'connect', 'tls', 'send', 'wait', 'read'];
const most_decisions = 30;

const body = document.querySelector('#webhooks tbody');
const find = document.querySelector('#filter');
const rows = new Map();   // by the webhook's name
let selected = '';
let decisions = [];
let events;
let sample = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function milliseconds(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 1000) return (value / 1000).toFixed(value < 10000 ? 2 : 1) + ' s';
  return (value < 10 ? value.toFixed(1) : Math.round(value)) + ' ms';
}

function percent(part, whole) {
  if (whole === 0) return '–';
  const share = 100 * part / whole;
  return (share === 100 || share < 10 ? Math.round(share) : Math.min(share, 99.9).toFixed(1)) + ' %';
}

// A line with the area below it; a second without a value leaves a gap.
function sparkline(kind, values, failures = []) {
  const width = 120, height = 28, step = width / (points - 1);
  const top = Math.max(...values.filter(value => value !== null), 0);
  const y = value => top === 0 ? height - 1 : height - 1 - (height - 3) * value / top;
  let line = '', area = '', start = null;
  const finish = end => {
    if (start !== null) area += `L${(end * step).toFixed(1)} ${height}L${(start * step).toFixed(1)} ${height}Z`;
    start = null;
  };
  values.forEach((value, at) => {
    if (value === null) return finish(at - 1);
    const place = `${(at * step).toFixed(1)} ${y(value).toFixed(1)}`;
    const is_first = start === null;
    if (is_first) start = at;
    line += (is_first ? 'M' : 'L') + place;
    area += (is_first ? 'M' : 'L') + place;
    if (is_first && (values[at + 1] ?? null) === null) line += 'h.1';   // a point of its own
  });
  finish(values.length - 1);
  const marks = failures.map((count, at) => count === 0 ? null : drawing('rect', {
    class: 'failures', x: at * step - 1, width: 2, y: y(count), height: height - y(count)})).filter(mark => mark);
  return drawing('svg', {class: 'spark ' + kind, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': true},
    drawing('path', {class: 'area', d: area}), drawing('path', {d: line}), ...marks);
}

function figure(text, ...more) {
  return element('div', {className: 'figure'}, element('b', {textContent: text}), ...more);
}

function share(part, whole) {
  const bar = drawing('svg', {class: whole === 0 ? 'share none' : 'share', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': true});
  if (whole !== 0) bar.append(drawing('rect', {width: 100 * part / whole, height: 10}));
  return bar;
}

// Rows stay the same elements, so that focus, hover and selection live on.
function row_of(name) {
  let row = rows.get(name);
  if (row) return row;
  const button = element('button', {type: 'button', textContent: name});
  button.setAttribute('aria-expanded', false);
  const cells = ['', 'Calls a minute', 'Success', 'p50', 'p99', 'In flight'].map(label => {
    const cell = element('td', {role: 'cell'});
    if (label) cell.dataset.label = label;
    return cell;
  });
  const badge = element('span', {className: 'badge', hidden: true});
  cells[0].append(button, badge);
  const line = element('tr', {className: 'webhook', role: 'row'}, ...cells);
  line.dataset.name = name;
  line.addEventListener('click', () => select(selected === name ? '' : name));
  row = {name, line, button, badge, cells, points: []};
  rows.set(name, row);
  return row;
}

function draw_row(row, webhook) {
  const {calls, failures, in_flight} = webhook;
  const breaker = webhook.circuit_breaker;
  row.badge.hidden = breaker === null || breaker === 'closed';
  row.badge.textContent = breaker === 'half_open' ? 'breaker half open' : 'breaker open';
  row.badge.className = 'badge ' + (breaker === 'half_open' ? 'warn' : 'bad');
  const column = at => row.points.map(point => point[at]);
  row.cells[1].replaceChildren(figure(String(calls), sparkline('calls', column(0), column(1))));
  row.cells[2].replaceChildren(figure(percent(calls - failures, calls), share(calls - failures, calls)));
  row.cells[3].replaceChildren(figure(milliseconds(webhook.p50_ms), sparkline('p50', column(2))));
  row.cells[4].replaceChildren(figure(milliseconds(webhook.p99_ms), sparkline('p99', column(3))));
  row.cells[4].title = 'timeout ' + milliseconds(webhook.timeout_ms);
  row.cells[5].textContent = String(in_flight);
}

function add_points(row, fresh, missed) {
  const nothing = [0, 0, null, null];
  if (missed > 0) row.points.push(...Array(Math.min(missed, points)).fill(nothing));
  row.points.push(...(fresh ?? (missed >= 0 ? [nothing] : [])));
  while (row.points.length < points) row.points.unshift(nothing);
  row.points.splice(0, row.points.length - points);
}

function waterfall(decision, longest) {
  const bar = drawing('svg', {class: 'waterfall', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': true});
  const told = [];
  let at = 0;
  const add = (phase, time) => {
    const width = 1000 * time / longest;
    bar.append(drawing('rect', {class: phase, x: at, width: Math.max(width, 2), height: 10}));
    at += width;
  };
  for (const phase of phases) {
    const time = decision.timing[phase];
    if (time === undefined) continue;
    add(phase, time);
    if (time >= .05) told.push(`${phase} ${milliseconds(time)}`);
  }
  const rest = decision.elapsed_ms - phases.reduce((sum, phase) => sum + (decision.timing[phase] ?? 0), 0);
  if (rest > decision.elapsed_ms / 50) {   // waiting for a connection, a pause before a retry, or an engine that is busy
    add('other', rest);
    told.push(`other ${milliseconds(rest)}`);
  }
  bar.append(drawing('title', {}, told.join(', ')));
  return [bar, told.join(' · ')];
}

function decision_item(decision, longest) {
  const [bar, timing] = waterfall(decision, longest);
  const at = new Date(decision.at);
  const who = element('span', {className: 'who'}, decision.callerid ?? 'withheld',
    element('small', {textContent: ' → ' + (decision.did ?? '')}));
  if (decision.callername) who.append(element('small', {textContent: ' · ' + decision.callername}));
  const is_success = decision.branch === 'success';
  const outcome = is_success ? 'success' : decision.reason;
  const tone = is_success ? 'good' : decision.reason === 'nak' ? 'warn' : 'bad';
  const facts = [timing];
  if (decision.destination) facts.unshift('dials ' + decision.destination);
  if (decision.http_status) facts.push('HTTP ' + decision.http_status);
  if (decision.source && decision.source !== 'url') facts.push('answered by ' + decision.source);
  if (decision.retries) facts.push(`retries ${decision.retries}`);
  if (decision.redirects) facts.push(`redirects ${decision.redirects}`);
  if (decision.call_id) facts.push('call ' + decision.call_id);
  if (decision.detail) facts.push(decision.detail);
  return element('li', {},
    element('time', {textContent: at.toLocaleTimeString('en-GB'), dateTime: at.toISOString(), title: at.toLocaleString()}),
    who, element('span', {className: 'badge ' + tone, textContent: outcome}),
    element('span', {className: 'fall'}, bar), element('span', {className: 'took', textContent: milliseconds(decision.elapsed_ms)}),
    element('span', {className: 'more', textContent: facts.filter(fact => fact).join(' · ')}));
}

const detail = element('tr', {className: 'detail', role: 'row'});
const detail_cell = element('td', {colSpan: 6, role: 'cell'});
detail.append(detail_cell);
const legend = element('p', {className: 'legend', ariaHidden: true},
  ...[...phases, 'other'].map(phase => element('span', {className: phase}, element('i', {textContent: phase}))));
const list = element('ol', {tabIndex: 0});   // stays the same element, so that focus and place live on

function draw_detail() {
  if (decisions.length === 0)
    return detail_cell.replaceChildren(element('p', {className: 'nothing', textContent: 'None of the last decisions was this webhook’s. The next one appears here.'}));
  const longest = Math.max(...decisions.map(decision => decision.elapsed_ms), 0.001);
  const scrolled = list.scrollTop;
  list.ariaLabel = 'Last decisions of ' + selected;
  list.replaceChildren(...decisions.map(decision => decision_item(decision, longest)));
  if (list.parentNode !== detail_cell) detail_cell.replaceChildren(legend, list);
  list.scrollTop = scrolled;
}

function draw(state) {
  const missed = sample === 0 ? -1 : state.sample - sample - 1;
  sample = state.sample;
  const shown = state.webhooks.map(webhook => {
    const row = row_of(webhook.name);
    add_points(row, webhook.points, missed);
    draw_row(row, webhook);
    return row;
  });
  for (const [name, row] of rows)
    if (!shown.includes(row)) { row.line.remove(); rows.delete(name); }
  place(shown);
  document.querySelector('#version').textContent = state.version;
  live(state.draining ? 'draining' : 'live', state.draining ? 'warn' : 'good');
  totals(state);
  const {known} = state;
  document.querySelector('#shown').textContent = shown.length < known ? `${shown.length} of ${known}` : `${known}`;
  const empty = document.querySelector('#empty');
  empty.hidden = shown.length !== 0;
  empty.textContent = find.value ? 'No webhook has this in its name.' : 'There are no webhooks in the configuration.';
  document.querySelector('#webhooks').hidden = shown.length === 0;
  if (state.decisions?.length) {
    decisions = [...state.decisions.reverse(), ...decisions].slice(0, most_decisions);
    draw_detail();
  }
}

// Moves only what is not where it belongs: an element that is moved loses the focus.
function place(shown) {
  const wanted = shown.flatMap(row => row.name === selected ? [row.line, detail] : [row.line]);
  if (!wanted.includes(detail)) detail.remove();
  wanted.forEach((line, at) => {
    if (body.children[at] !== line) {
      const focused = line.contains(document.activeElement) ? document.activeElement : null;
      body.insertBefore(line, body.children[at] ?? null);
      focused?.focus({preventScroll: true});
    }
  });
}

function totals(state) {
  const facts = [
    ['calls a minute', String(state.calls)],
    ['success', percent(state.calls - state.failures, state.calls)],
    ['in flight', String(state.in_flight)],
    ['engines', String(state.engine_connections)]];
  document.querySelector('#totals').replaceChildren(...facts.map(([name, value]) =>
    element('div', {}, element('dt', {textContent: name}), element('dd', {textContent: value}))));
}

function live(text, tone) {
  const pill = document.querySelector('#live');
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = tone;
}

function select(name) {
  selected = name;
  decisions = [];
  for (const row of rows.values()) {
    row.line.classList.toggle('open', row.name === name);
    row.button.setAttribute('aria-expanded', row.name === name);
  }
  detail_cell.replaceChildren(element('p', {className: 'nothing', textContent: 'Loading'}));
  place([...body.querySelectorAll('tr.webhook')].map(line => rows.get(line.dataset.name)));
  watch();
}

function watch() {
  events?.close();
  rows.forEach(row => { row.points = []; });
  sample = 0;
  events = new EventSource('events?' + new URLSearchParams({filter: find.value, webhook: selected}));
  events.addEventListener('message', message => {
    const state = JSON.parse(message.data);
    if (state.decisions && decisions.length === 0 && state.decisions.length === 0) draw_detail();
    draw(state);
  });
  events.addEventListener('open', () => { decisions = []; rows.forEach(row => { row.points = []; }); sample = 0; });
  events.addEventListener('error', () => live('not connected', 'bad'));
}

let typing;
find.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(watch, 150);
});

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.activeElement === list && event.key.startsWith('Arrow')) return;   // they scroll it
  const buttons = [...body.querySelectorAll('tr.webhook button')];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === '/' && document.activeElement !== find) find.focus();
  else if (event.key === 'ArrowDown') buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
  else if (event.key === 'ArrowUp') (at > 0 ? buttons[at - 1] : find).focus();
  else if (event.key === 'Escape' && selected) {
    const button = rows.get(selected)?.button;
    select('');
    button?.focus();
  } else return;
  event.preventDefault();
});

watch();
