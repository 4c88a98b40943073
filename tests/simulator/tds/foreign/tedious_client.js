// Copyright (c) 2026 ICS engineers
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// Runs where tedious is installed; prints what it saw as one line of JSON.
// Arguments: port, encrypt (false | true | strict), user, password, certificate file.
'use strict';
const fs = require('fs');
const { createRequire } = require('module');
const { Connection, Request, TYPES, ISOLATION_LEVEL } = createRequire(process.cwd() + '/')('tedious');

const [port, encrypt, userName, password, certificate] = process.argv.slice(2);
const moment = new Date('2024-02-29T12:34:56.123Z');
const VALUES = [
  ['Int', 1], ['BigInt', '1099511627776'], ['TinyInt', 255], ['SmallInt', -1], ['Bit', true], ['Float', 1.5],
  ['Real', 0.5], ['Numeric', -0.01, { precision: 10, scale: 2 }], ['Money', 1.25], ['SmallMoney', 1.5],
  ['NVarChar', '日本 😀'], ['NVarChar', 'ж'.repeat(5000)], ['VarChar', 'é€'], ['Char', 'ab'], ['NChar', 'ab'],
  ['Text', 'x'], ['NText', '日本'], ['VarBinary', Buffer.from([1, 2])], ['Binary', Buffer.from([9])],
  ['Image', Buffer.from([9])], ['DateTime2', moment, { scale: 7 }], ['DateTime', moment],
  ['SmallDateTime', new Date('2024-02-29T12:34:00Z')], ['Date', new Date('2024-02-29')],
  ['Time', new Date('1970-01-01T12:34:56.123Z'), { scale: 7 }], ['DateTimeOffset', moment, { scale: 7 }],
  ['UniqueIdentifier', '6F9619FF-8B86-D011-B42D-00C04FC964FF'], ['Int', null], ['NVarChar', null],
];
const seen = { changed: [], messages: [] };

function connect() {
  const options = { port: Number(port), encrypt: encrypt === 'strict' ? encrypt : encrypt === 'true',
    trustServerCertificate: true, connectTimeout: 5000, requestTimeout: 10000 };
  if (encrypt === 'strict') {
    options.cryptoCredentialsDetails = { ca: fs.readFileSync(certificate) };
    options.serverName = 'localhost';
  }
  const connection = new Connection(
    { server: '127.0.0.1', authentication: { type: 'default', options: { userName, password } }, options });
  connection.on('infoMessage', (message) => seen.messages.push(message.number));
  return new Promise((resolve, reject) => connection.connect((error) => error ? reject(error) : resolve(connection)));
}

function run(connection, sql, parameters = [], method = 'execSql') {
  return new Promise((resolve, reject) => {
    const rows = [];
    const request = new Request(sql, (error) => error ? reject(error) : resolve(rows));
    parameters.forEach(([name, type, value, options]) => request.addParameter(name, type, value, options));
    request.on('row', (columns) => rows.push(columns.map((column) => column.value)));
    connection[method](request);
  });
}

function step(connection, method, ...rest) {
  return new Promise((resolve, reject) =>
    connection[method]((error) => error ? reject(error) : resolve(), ...rest));
}

async function main() {
  const connection = await connect();
  const shown = (value) => Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value);
  for (const [type, value, options] of VALUES) {
    const [[read]] = await run(connection, 'SELECT @a', [['a', TYPES[type], value, options]]);
    if (shown(read) !== shown(value)) seen.changed.push([type, shown(value), shown(read)]);
  }
  seen.errors = await run(connection, 'RESTORE LOG', [], 'execSqlBatch').catch(
    (error) => error.errors.map((each) => each.number));
  seen.rows = (await run(connection, 'SELECT all', [], 'execSqlBatch')).length;
  await run(connection, 'BACKUP DATABASE', [], 'execSqlBatch');
  const waiting = run(connection, 'WAITFOR', [], 'execSqlBatch');
  setTimeout(() => connection.cancel(), 200);
  seen.cancelled = await waiting.catch((error) => error.code);
  await step(connection, 'beginTransaction', 'recovery', ISOLATION_LEVEL.SERIALIZABLE);
  await run(connection, 'INSERT t');
  await step(connection, 'commitTransaction');
  await step(connection, 'beginTransaction');
  await run(connection, 'INSERT t');
  await step(connection, 'rollbackTransaction');
  await step(connection, 'reset');
  await run(connection, 'INSERT t');
  connection.close();
  console.log(JSON.stringify(seen));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
