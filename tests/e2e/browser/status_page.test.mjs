// The status page in a real Chromium. With DIALHOOK_FIGURES=FOLDER it also leaves the pictures for the manual there (docs/figures).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import axe from 'axe-core';
import {chromium} from 'playwright-core';

import {Daemon} from './daemon.mjs';

const patience = 20_000;
let daemon, profile, context, page, complaints;

async function open(options = {}, is_live = true) {
  profile = fs.mkdtempSync(path.join(os.tmpdir(), 'dialhook-chromium-'));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium', headless: true, viewport: {width: 1180, height: 760}, ...options,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync']});
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  complaints = [];
  page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(String(error)));
  await page.goto(daemon.url);
  if (is_live) await page.locator('#live.good').waitFor();
}

async function close() {
  await context?.close();
  context = undefined;
  if (profile) fs.rmSync(profile, {recursive: true, force: true});
}

const row = name => page.locator('tr.webhook', {hasText: name});
const text_of = async locator => (await locator.textContent()).trim();
const rate_of = async name => Number((await text_of(row(name).locator('td').nth(1).locator('b'))).replace('–', '0').replaceAll(',', ''));
const names = async () => (await page.locator('tr.webhook').evaluateAll(lines => lines.map(line => line.dataset.name)));
// Scripts of the page's own policy do not let another one in; in a page with this option they do.
const with_axe = {bypassCSP: true};

async function assert_accessible(what) {
  await page.evaluate(axe.source);
  const {violations, passes} = await page.evaluate(() => globalThis.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}));
  const told = violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(node => node.html).slice(0, 3).join(' ')}`);
  assert.ok(passes.length > 20, 'it looked');
  assert.deepEqual(told, [], what);
}

async function until(what, check) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await check()) return;
    await page.waitForTimeout(100);
  }
  assert.fail(what);
}

before(async () => { daemon = await Daemon.start(); });
after(async () => { await daemon?.stop(); });
beforeEach(() => { complaints = []; });
afterEach(close);

test('webhooks are listed, and calls show without a reload', async () => {
  await open();
  assert.deepEqual(await names(), ['Campaign', 'CRM connection', 'Night service', 'On-call roster'].sort());
  for (let call = 0; call < 3; ++call) await daemon.call('Night service');
  await until('the calls', async () => await rate_of('Night service') >= 3);
  assert.match(await row('Night service').locator('td').nth(3).textContent(), /ms/);
  assert.deepEqual(complaints, []);
});

test('a click opens the last decisions with a waterfall, and the next one joins them', async () => {
  await open();
  await daemon.call('On-call roster', {callername: 'Jan'});
  await row('On-call roster').click();
  await page.locator('tr.detail li').first().waitFor();
  const shown = await page.locator('tr.detail li').count();
  assert.ok(await page.locator('tr.detail li .waterfall rect.wait').count() >= 1);
  assert.match(await page.locator('tr.detail li').first().textContent(), /\+31612345678 → \+31502102544.*success/);
  await daemon.call('On-call roster');
  await until('one decision more', async () => await page.locator('tr.detail li').count() === shown + 1);
  assert.deepEqual(complaints, []);
});

test('a circuit breaker that opens is seen', async () => {
  await open();
  for (let call = 0; call < 6; ++call) await daemon.call('Campaign');
  await row('Campaign').locator('.badge.bad').waitFor();
  await until('it comes first', async () => (await names())[0] === 'Campaign');
});

test('all of it works from the keyboard', async () => {
  await open();
  await page.keyboard.press('/');
  await page.keyboard.type('crm');
  await until('one webhook is left', async () => await page.locator('tr.webhook').count() === 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('tr.detail').waitFor();
  assert.equal(await row('CRM connection').locator('button').getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Escape');
  await page.locator('tr.detail').waitFor({state: 'detached'});
  assert.equal(await page.evaluate(() => document.activeElement.closest('tr').dataset.name), 'CRM connection');
});

test('the last decisions are scrolled from the keyboard, and a new one leaves the focus there', async () => {
  await open();
  for (let call = 0; call < 20; ++call) await daemon.call('Night service');
  await row('Night service').locator('button').press('Enter');
  await page.locator('tr.detail li').nth(19).waitFor();
  await page.keyboard.press('Tab');
  const list = page.locator('tr.detail ol');
  await page.keyboard.press('ArrowDown');
  await until('the list is scrolled', async () => await list.evaluate(element => element.scrollTop) > 0);
  await daemon.call('Night service', {callername: 'the new one'});
  await page.locator('tr.detail li', {hasText: 'the new one'}).waitFor();
  assert.ok(await list.evaluate(element => element === document.activeElement && element.scrollTop > 0), 'focus and place stay');
});

test('the name of a caller is text, whatever is in it', async () => {
  await open();
  const name = '<img src=x onerror="document.title=1">';
  await daemon.call('CRM connection', {callername: name, callerid: '"><script>document.title=2</script>'});
  await row('CRM connection').click();
  await page.locator('tr.detail li', {hasText: name}).waitFor();
  assert.equal(await page.title(), 'Dialhook');
  assert.equal(await page.locator('tr.detail img, tr.detail script').count(), 0);
});

test('nothing but the page itself runs in it', async () => {
  await open();
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<p id="sneaky" style="color: red" onclick="document.title=3"></p>');
    document.querySelector('#sneaky').click();
  });
  assert.equal(await page.title(), 'Dialhook');
  assert.ok(complaints.length >= 2, 'the browser names what it refused');
  const policy = (await page.request.get(daemon.url)).headers()['content-security-policy'];
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

test('another name for this host is refused, for the page and its events', async () => {
  const ask = (path, host) => new Promise((done, failed) => {
    http.get({host: '127.0.0.1', port: daemon.port, path, headers: {host}}, response => {
      response.resume();
      done(response.statusCode);
      response.destroy();
    }).on('error', failed);
  });
  for (const path of ['/', '/events']) {
    assert.equal(await ask(path, 'evil.example'), 421, path);
    assert.equal(await ask(path, `localhost:${daemon.port}`), 200, path);
  }
  assert.equal(await ask('/metrics', 'evil.example'), 200);
});

test('it fits a phone, and follows the system into the dark', async () => {
  await open({viewport: {width: 360, height: 740}, colorScheme: 'dark'});
  await daemon.call('CRM connection');
  await row('CRM connection').click();
  await page.locator('tr.detail li').first().waitFor();
  const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(sizes[0] <= sizes[1], `nothing is wider than the screen: ${sizes}`);
  assert.equal(await page.getByRole('table', {name: 'Webhooks'}).getByRole('row').filter({has: page.getByRole('cell')}).count(), 5, 'still a table to a screen reader');
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await back();
  await page.emulateMedia({colorScheme: 'light'});
  assert.notEqual(await back(), dark);
});

test('a description is shown, and the triangle is not read aloud', async () => {
  await open();
  assert.equal(await text_of(row('CRM connection').locator('.about')), 'Jansen BV, the whole country');
  await page.getByRole('button', {name: 'Night service', exact: true}).waitFor();
});

test('a daemon that hangs is told, and its return', async () => {
  await open();
  daemon.process.kill('SIGSTOP');
  try {
    await until('the silence', async () => /^no data for ([3-9]|\d\d+) s$/.test(await text_of(page.locator('#live'))));
    assert.equal(await page.locator('#live').getAttribute('class'), 'bad');
  } finally {
    daemon.process.kill('SIGCONT');
  }
  await page.locator('#live.good').waitFor();
});

test('the rate is right from the first seconds, and the time before is left blank', async () => {
  const fresh = await Daemon.start();
  const usual = daemon;
  daemon = fresh;
  try {
    for (let call = 0; call < 30; ++call) await daemon.call('Night service');   // before anybody looks
    await open();
    const begin = Date.now();
    for (let call = 0; Date.now() - begin < 9_000; ++call) {
      await daemon.call('Night service');
      await page.waitForTimeout(Math.max(0, begin + (call + 1) * 500 - Date.now()));   // two a second
    }
    const rate = await rate_of('Night service');
    assert.ok(rate > 90 && rate < 150, `${rate} calls a minute`);
    const drawn = await row('Night service').locator('.spark.calls path').last().getAttribute('d');
    const left = Number(drawn.match(/^M([\d.]+)/)[1]);
    assert.ok(left > 80, `the line begins at ${left} of 120`);
    assert.match(await text_of(row('Night service').locator('td').nth(1).locator('.scale')), /^max [1-9]\/s$/);
    assert.match(await text_of(row('Night service').locator('td').nth(3).locator('.scale')), /^max [\d.]+ ms$/);
  } finally {
    daemon = usual;
    await close();
    await fresh.stop();
  }
});

test('a no is amber and no failure, a dead server is red and comes first', async () => {
  const webhooks = web => ({'A no': {url: `${web}/no`, timeout: '5s'}, 'Z dead': {url: `${web}/broken`, timeout: '5s'}});
  const fresh = await Daemon.start({webhooks});
  const usual = daemon;
  daemon = fresh;
  try {
    await open();
    for (let call = 0; call < 4; ++call) {
      await daemon.call('A no');
      await daemon.call('Z dead');
    }
    await row('Z dead').locator('.badge.bad', {hasText: 'failing'}).waitFor();
    await row('A no').locator('.scale', {hasText: '4 declined'}).waitFor();
    assert.equal((await names())[0], 'Z dead');
    assert.equal(await row('A no').locator('.badge').isVisible(), false);
    assert.match(await text_of(row('Z dead').locator('.trouble')), /^4 failures in a row, the last: http_status \(HTTP 500\) at /);
    // Asked for in one go: each event draws the marks anew.
    const colour = (name, mark) => page.evaluate(selector => getComputedStyle(document.querySelector(selector)).fill, `tr[data-name="${name}"] ${mark}`);
    assert.notEqual(await colour('A no', '.spark .declined'), await colour('Z dead', '.spark .failures'));
    assert.equal(await row('A no').locator('.spark .failures').count(), 0);
    await page.locator('#order').selectOption('name');
    await until('by name', async () => (await names())[0] === 'A no');
    await page.locator('th button', {hasText: 'Calls a minute'}).click();
    await page.locator('th[aria-sort="descending"]', {hasText: 'Calls a minute'}).waitFor();
    await until('the busiest first', async () => ['A no', 'Z dead'].includes((await names())[0]));
  } finally {
    daemon = usual;
    await close();
    await fresh.stop();
  }
});

test('an open breaker does not bury the cause', async () => {
  await open();
  for (let call = 0; call < 6; ++call) await daemon.call('Campaign');
  await row('Campaign').click();
  await page.locator('tr.detail li', {hasText: 'circuit_open'}).filter({hasText: 'the last one was http_status'}).first().waitFor();
  assert.match(await text_of(row('Campaign').locator('.trouble')), /http_status \(HTTP 500\)/);
});

test('columns stay where they are when a row opens', async () => {
  await open();
  const places = () => page.locator('#webhooks th').evaluateAll(cells => cells.map(cell => Math.round(cell.getBoundingClientRect().left)));
  const before = await places();
  await daemon.call('On-call roster', {callername: 'a name that is long '.repeat(10)});
  await row('On-call roster').click();
  await page.locator('tr.detail li').first().waitFor();
  assert.deepEqual(await places(), before);
});

test('the host, how long it runs, and numbers with their nouns', async () => {
  await open();
  assert.match(await text_of(page.locator('#version')), new RegExp(`^\\S+ on ${os.hostname()}$`));
  const totals = await text_of(page.locator('#totals'));
  for (const noun of ['calls a minute', 'refused a minute', 'calls in flight', 'engine', 'uptime']) assert.ok(totals.includes(noun), totals);
  assert.match(totals, /uptime\d+ (s|min)/);
  assert.equal(await text_of(page.locator('#shown')), '4 webhooks');
});

test('a reload that was refused is told with its faults, until one is applied', async () => {
  await open();
  await daemon.reload('webhooks:\n  crm: {timout: 5s}\n', 'configuration refused');
  await page.locator('#alerts .alert.bad', {hasText: 'was refused'}).filter({hasText: 'timout'}).waitFor();
  await daemon.reload(JSON.stringify(daemon.configuration), 'configuration reloaded');
  await page.locator('#alerts .alert').waitFor({state: 'detached'});
});

test('an old configuration in force is told', async () => {
  await open();
  const stale = {file: '/etc/dialhook/dialhook.yaml', since: '2026-11-20T08:00:00Z', stale: true, refused_at: '2026-11-21T08:00:00Z',
    fault_count: 25, faults: ['dialhook.yaml:3:5: unknown key timout']};
  await page.route('**/events?*', async route => {
    const state = {version: '1', host: 'pbx', now: Date.now(), started_at: Date.now() - 90_000_000, draining: false, sample: 1, window_s: 0, calls: 0,
      failures: 0, declined: 0, refused: 0, refused_requests: [], config: stale, in_flight: 0, engine_connections: 12_345, known: 20_000, webhooks: [],
      notifications: [], spool: {fault: null}};
    await route.fulfill({contentType: 'text/event-stream', body: `data: ${JSON.stringify(state)}\n\n`});
  });
  await page.reload();
  await page.locator('#alerts .alert.bad', {hasText: 'the last good one, of 20/11/2026'}).filter({hasText: 'unknown key timoutand 24 more'}).waitFor();
  assert.match(await text_of(page.locator('#totals')), /uptime1 d 1 h/);
  assert.match(await text_of(page.locator('#totals')), /engines12,345/);
  assert.equal(await text_of(page.locator('#shown')), '0 of 20,000 webhooks');
});

test('a webhook that is removed says so in its open row', async () => {
  await open();
  await daemon.call('Night service');
  await row('Night service').click();
  await page.locator('tr.detail li').first().waitFor();
  const {'Night service': removed, ...webhooks} = daemon.configuration.webhooks;
  assert.ok(removed);
  await daemon.reload(JSON.stringify({...daemon.configuration, webhooks}), 'configuration reloaded');
  try {
    await row('Night service').locator('.badge', {hasText: 'removed'}).waitFor();
    assert.ok(await page.locator('tr.detail li').count() >= 1, 'its decisions stay');
    assert.equal(await text_of(page.locator('#shown')), '3 webhooks');
    await page.keyboard.press('Escape');
    await row('Night service').waitFor({state: 'detached'});
  } finally {
    await daemon.reload(JSON.stringify(daemon.configuration), 'configuration reloaded');
  }
});

test('without scripts the page says where the figures are', async () => {
  await open({javaScriptEnabled: false}, false);
  assert.match(await text_of(page.locator('noscript')), /JavaScript.*\/metrics.*dialhookctl top/s);
});

test('axe finds nothing, by day, by night and on a phone', async () => {
  for (let call = 0; call < 6; ++call) await daemon.call('Campaign');
  await daemon.call('On-call roster', {callername: 'Jan'});
  await daemon.ask({webhook: 'CRM conection', did: '+31502102544', call_id: '17.4'});
  await daemon.report('created');
  await daemon.reload('webhooks:\n  crm: {timout: 5s}\n', 'configuration refused');
  for (const [what, options] of [['by day', {colorScheme: 'light'}], ['by night', {colorScheme: 'dark'}],
    ['on a phone', {viewport: {width: 360, height: 740}, colorScheme: 'light'}], ['on a phone at night', {viewport: {width: 360, height: 740}, colorScheme: 'dark'}]]) {
    await open({...with_axe, ...options}, false);
    await row('On-call roster').click();
    await page.locator('tr.detail li').first().waitFor();
    await page.locator('#refused tbody tr').first().waitFor();
    await page.locator('#alerts .alert').waitFor();
    await page.locator('#notifications .badge', {hasText: 'switched off'}).waitFor();
    await assert_accessible(what);
    await close();
  }
  await daemon.reload(JSON.stringify(daemon.configuration), 'configuration reloaded');
});

test('notifications show what waits, what was delivered and what is wrong', async () => {
  const fresh = await Daemon.start();
  const usual = daemon;
  daemon = fresh;
  try {
    await open();
    const line = number => page.locator('#notifications tbody tr').nth(number);
    const cells = async number => (await line(number).locator('td').allTextContents()).map(text => text.trim());
    await until('a row for each URL', async () => await page.locator('#notifications tbody tr').count() === 3);
    assert.deepEqual((await cells(1)).slice(1), ['0', '–', '0', '0']);
    await daemon.report('created');
    await daemon.report('ended');
    await line(0).locator('.badge.bad', {hasText: 'switched off'}).waitFor();
    await line(0).locator('.trouble', {hasText: 'the last attempt: HTTP status 410'}).waitFor();
    await until('two were delivered', async () => (await cells(1))[3] === '2');
    assert.match((await cells(1))[0], /^StatisticsURL 1 of 2$/);
    await line(2).locator('.badge.bad', {hasText: 'failing'}).waitFor();
    const [name, waiting, oldest, delivered, given_up] = await cells(2);
    assert.match(name, /^Statisticsfailing.*URL 2 of 2.*HTTP status 500$/);
    assert.match(oldest, /^\d+ s$/);
    assert.match(delivered, /^0[1-9]\d* attempts? failed$/);
    assert.deepEqual([waiting, given_up], ['2', '0']);
    assert.doesNotMatch(await page.locator('body').innerText(), /127\.0\.0\.1:\d+\/(gone|count|broken)/, 'URLs are nobody’s business here');
    assert.equal(await page.locator('#alerts .alert').count(), 0);
    const quiet = Object.fromEntries([...Array(6).keys()].map(number => [`Quiet ${number}`, {url: 'http://127.0.0.1:9/', dids: ['+49*']}]));
    const {notifications} = daemon.configuration;
    await daemon.reload(JSON.stringify({...daemon.configuration, notifications: {...quiet, Statistics: notifications.Statistics}}), 'configuration reloaded');
    await page.locator('#more-notifications', {hasText: 'and 4 more; dialhookctl notifications has them all'}).waitFor();
    await until('the failing one is first', async () => (await cells(0))[0].startsWith('Statisticsfailing'));
    assert.deepEqual(complaints, []);
  } finally {
    daemon = usual;
    await close();
    await fresh.stop();
  }
});

test('requests that are refused are told by name, and nothing is green', async () => {
  await open({}, false);
  for (let call = 0; call < 1234; ++call) await daemon.ask({webhook: 'CRM conection', did: '+31502102544', call_id: '1700000000.4'});
  await daemon.ask({webhook: '\u202e<b>x', did: '1'});
  await page.locator('#live.bad', {hasText: 'refusing requests'}).waitFor();
  const first = page.locator('#refused tbody tr', {hasText: 'webhook CRM conection'});
  await first.filter({hasText: 'nearest: CRM connection'}).filter({hasText: 'error -32001'}).waitFor();
  await until('the count', async () => Number((await text_of(first.locator('td b').nth(1))).replaceAll(',', '')) >= 1234);
  assert.match(await text_of(first.locator('td').nth(2)), /^1,23\d requests$/);
  assert.match(await text_of(first.locator('td').nth(3)), /\d\d:\d\d:\d\d.*call 1700000000\.4/);
  await page.locator('#refused b', {hasText: '\\u{202E}<b>x'}).waitFor();
  assert.match(await text_of(page.locator('#totals .bad')), /refused a minute/);
});

test('pictures for the manual', {skip: process.env.DIALHOOK_FIGURES ? false : 'only when DIALHOOK_FIGURES says where'}, async () => {
  const webhooks = web => ({'Night service': {url: `${web}/crm`, timeout: '5s', description: 'after six, and on Sundays'}});
  const fresh = await Daemon.start({webhooks});
  const usual = daemon;
  daemon = fresh;
  try {
    await open({viewport: {width: 1180, height: 900}});
    const callers = ['Jan de Vries', 'Fatima El Amrani', 'VoysTelecom', 'Anna Müller', 'Café de Kroon'];
    const begin = Date.now();
    await page.keyboard.press('/');   // no row is hovered or focused
    for (let call = 0; Date.now() - begin < 55_000; ++call) {
      const busy = 3 + 2 * Math.sin((Date.now() - begin) / 4000);
      await daemon.call('CRM connection', {callerid: '+3161234' + (1000 + call % 9000), callername: callers[call % callers.length]});
      if (call % 3 === 0) await daemon.call('On-call roster', {callerid: '+3150210' + (2000 + call % 700)});
      if (call % 9 === 0) await daemon.call('Night service');
      if (call % 16 === 0) await daemon.call('Campaign');
      if (call > 40 && call % 4 === 0) await daemon.ask({webhook: 'CRM conection', did: '+31502102544', call_id: `1700000000.${call}`});
      await page.waitForTimeout(1000 / busy * (0.5 + Math.random()));
    }
    await daemon.call('CRM connection', {callerid: '', callername: ''});
    await row('CRM connection').click();
    await page.locator('tr.detail li').nth(4).waitFor();
    const shots = [['status-page', 'light', {width: 1180, height: 900}], ['status-page-dark', 'dark', {width: 1180, height: 900}],
      ['status-page-phone', 'light', {width: 390, height: 844}]];
    for (const [name, colorScheme, size] of shots) {
      await page.setViewportSize(size);
      await page.emulateMedia({colorScheme});
      await page.waitForTimeout(1200);   // for the change of colours, and an event
      await page.screenshot({path: path.join(process.env.DIALHOOK_FIGURES, `${name}.png`)});
    }
  } finally {
    daemon = usual;
    await close();
    await fresh.stop();
  }
});
