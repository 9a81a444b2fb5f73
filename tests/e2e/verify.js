// Judges signed requests with the reference library of Standard Webhooks. A line of standard input is a JSON object with
// `secret`, `headers` and `content`; the line that answers it is "genuine", or what the library has against it.
'use strict';
const readline = require('node:readline');
const { Webhook } = require('standardwebhooks');

function verdict({ secret, headers, content }) {
  try {
    // It parses what it has verified as JSON, and a form or a request target is none.
    new Webhook(secret).verify(content, headers);
    return 'genuine';
  } catch (error) {
    return error instanceof SyntaxError ? 'genuine' : error.message;
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => console.log(verdict(JSON.parse(line))));
