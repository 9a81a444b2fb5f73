// The real daemon with a web server beside it, for tests that look at it through a browser.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import {fileURLToPath} from 'node:url';

const MEMCHECK = fileURLToPath(new URL('../../integration/support/memcheck.py', import.meta.url));

// Below what Linux gives to outgoing connections.
async function free_port() {
  for (;;) {
    const server = net.createServer();
    const port = 10000 + Math.floor(Math.random() * 22000);
    const is_free = await new Promise(done => server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)));
    if (!is_free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

// Answers `/crm`, `/slow` and `/broken` like three web servers in different moods, and `/count` and `/gone` what is told of calls.
async function web_server() {
  const server = http.createServer((request, response) => {
    const target = new URL(request.url, 'http://localhost');
    const answer = (status, text, after) => setTimeout(() => response.writeHead(status).end(text), after);
    const name = encodeURIComponent(target.searchParams.get('name') ?? '');
    if (target.pathname === '/slow') answer(200, 'status=ACK&destination=102', 120 + Math.random() * 180);
    else if (target.pathname === '/broken') answer(500, 'no', 5);
    else if (target.pathname === '/gone') answer(410, 'never again', 5);
    else if (target.pathname === '/count') answer(204, '', 5);
    else if (target.pathname === '/no') answer(200, 'status=NAK', 5);
    else if (Math.random() < 0.04) answer(200, 'status=NAK', 8);
    else answer(200, `status=ACK&destination=%2B31502102544&callername=${name}`, 4 + Math.random() * 14);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export class Daemon {
  static async start({server = {}, webhooks = () => ({})} = {}) {
    const daemon = new Daemon();
    daemon.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dialhook-browser-'));
    daemon.web = await web_server();
    daemon.port = await free_port();
    daemon.socket = path.join(daemon.folder, 'engine.sock');
    const web = `http://127.0.0.1:${daemon.web.address().port}`;
    daemon.configuration = {
      server: {socket: daemon.socket, control: path.join(daemon.folder, 'control.sock'), http: `127.0.0.1:${daemon.port}`,
        log: {format: 'json', decisions: 'none'}, ...server},
      egress: {allow: ['127.0.0.0/8']},
      webhooks: {
        'CRM connection': {description: 'Jansen BV, the whole country', url: `${web}/crm?number={callerid}&name={callername}`, timeout: '5s'},
        'On-call roster': {url: `${web}/slow`, timeout: '2s'},
        'Campaign': {url: `${web}/broken`, timeout: '3s', circuit_breaker: {failures: 5, open_for: '10m'}},
        'Night service': {url: `${web}/crm`, timeout: '5s'},
        ...webhooks(web)},
      notifications: {
        'Screen pop': {description: 'opens the card of who calls', url: `${web}/gone`},
        'Statistics': {url: [`${web}/count`, `${web}/broken`]}}};
    daemon.file = path.join(daemon.folder, 'dialhook.yaml');
    fs.writeFileSync(daemon.file, JSON.stringify(daemon.configuration));
    daemon.memcheck = path.join(daemon.folder, 'memcheck');
    const under = process.env.DIALHOOK_MEMCHECK === '1' ? ['python3', '-B', MEMCHECK, daemon.memcheck] : [];
    const [program, ...parameters] = [...under, path.join(process.env.DIALHOOK_BIN_DIR, 'dialhookd'), '--config', daemon.file, '--state', path.join(daemon.folder, 'state')];
    daemon.process = spawn(program, parameters, {stdio: ['ignore', 'ignore', 'pipe']});
    const log = daemon.log = readline.createInterface({input: daemon.process.stderr});
    await new Promise((ready, failed) => {
      log.on('line', line => line.includes('"ready"') ? ready() : undefined);
      daemon.process.once('exit', code => failed(new Error(`the daemon ended with ${code}`)));
    });
    daemon.engine = net.connect(daemon.socket);
    await once(daemon.engine, 'connect');
    daemon.answers = readline.createInterface({input: daemon.engine})[Symbol.asyncIterator]();
    return daemon;
  }

  get url() { return `http://127.0.0.1:${this.port}/`; }

  async ask(params, method = 'call.route') {
    this.engine.write(JSON.stringify({jsonrpc: '2.0', id: 1, method, params}) + '\n');
    const {value} = await this.answers.next();
    return JSON.parse(value);
  }

  async call(webhook, more = {}) {
    return (await this.ask({webhook, did: '+31502102544', callerid: '+31612345678', ...more})).result;
  }

  // Back when the event is stored.
  async report(event, more = {}) {
    const {result} = await this.ask({call_id: 'a call', event, did: '+31502102544', callerid: '+31612345678', ...more}, 'call.event');
    if (!result?.stored) throw new Error(`${event} is not stored`);
  }

  // Back when the text is in the log.
  async reload(text, said) {
    fs.writeFileSync(this.file, text);
    const logged = new Promise(done => this.log.on('line', line => line.includes(said) ? done() : undefined));
    this.process.kill('SIGHUP');
    await logged;
  }

  async stop() {
    this.engine.destroy();
    this.process.kill('SIGTERM');
    const [code] = await once(this.process, 'exit');
    this.web.closeAllConnections();
    this.web.close();
    const found = process.env.DIALHOOK_MEMCHECK === '1' ? fs.readFileSync(this.memcheck, 'utf8') : '';
    fs.rmSync(this.folder, {recursive: true});
    if (found) throw new Error(`memcheck found:\n${found}`);
    if (code !== 0) throw new Error(`the daemon ended with ${code}`);
  }
}
