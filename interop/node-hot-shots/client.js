// Every call of the npm package hot-shots. usage: node client.js udp|unixgram ADDRESS
'use strict';
const StatsD = require('hot-shots');

const [transport, address] = process.argv.slice(2);
const at = address.lastIndexOf(':');
const where = transport === 'unixgram'
  ? { protocol: 'uds', path: address }
  : { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
const fail = error => { console.error(error); process.exit(1); };
Math.random = () => 0; // Each sampled call is sent.

const client = new StatsD({ prefix: 'interop.', globalTags: { env: 'test' }, errorHandler: fail, ...where });
client.increment('counter');
client.increment('counter', 4, { path: '/a b' });
client.increment('sampled', 3, 0.5);
client.increment(['one', 'two']);
client.decrement('counter');
client.gauge('gauge', 4.5);
client.gaugeDelta('gauge', 2);
client.gaugeDelta('gauge', -1);
client.histogram('histogram', 12);
client.histogram('histogram', 0.5);
client.distribution('distribution', 7);
client.timing('timer', 320);
client.timing('timer', 80);
for (const member of ['alice', 'bob']) client.set('set', member);
client.unique('set', 'alice');
client.event('title', 'two\nlines', { alert_type: 'error' });
client.check('check', client.CHECKS.CRITICAL, { hostname: 'h', message: 'm' });
client.close(error => { if (error) fail(error); });
