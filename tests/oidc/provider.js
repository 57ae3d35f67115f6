/*
 * An OpenID provider, as a vendor, a state or an ESA runs one. It is started by
 * tests/support/provider.py, told what to do by lines of JSON on standard input,
 * and answers each with one. It ends with its input.
 *
 *   SCOPES="…" node provider.js PORT        {"ready": "http://127.0.0.1:PORT"}
 *
 * client    {client_id, client_secret?, redirect_uri?}: a machine, or a browser's
 * account   {sub, password, claims}: who can log in; claims go into access tokens
 * rotate    new keys; the old ones stay published with {"keep": true}
 * mood      how the JWKS is served: "well", "slow", "huge", "broken", "refusing",
 *           "lying" (keys that signed nothing), "private" (with what signs),
 *           "moved" (elsewhere)
 *           A set that is served well has an ETag; max-age is as it is told
 * asked     how often the JWKS was asked for, and how often it had not changed
 */
import http from 'node:http';
import readline from 'node:readline';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const audience = 'casework';
const resource = 'https://casework.example';
const scopes = process.env.SCOPES;
const algorithms = { RS256: ['rsa', { modulusLength: 2048 }], PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519'] };
const clients = new Map();
const accounts = new Map();
const state = { algorithm: 'RS256', signing: [], published: [], mood: 'well', asked: 0, unchanged: 0 };

function newKey() {
  const { privateKey } = generateKeyPairSync(...algorithms[state.algorithm]);
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: state.algorithm, use: 'sig' };
}

function published() {
  const parts = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'];
  return state.published.map((key) => Object.fromEntries(
    parts.filter((name) => key[name] !== undefined).map((name) => [name, key[name]])));
}

/* Standard output is for answers; the provider warns of what tests want. */
console.info = console.warn = console.error;

let serve;

/* What a provider knows it is told when it is made: it is made anew. */
function start() {
  const idTokenKey = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    .export({ format: 'jwk' }), kid: 'id-token', alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    clients: [...clients.values()],
    jwks: { keys: [...state.signing, ...(state.algorithm === 'RS256' ? [] : [idTokenKey])] },
    cookies: { keys: ['cookie'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    scopes: ['openid', 'email', ...scopes.split(' ')],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true, methods: ['S256'] },
    ttl: { AccessToken: 300, ClientCredentials: 300, Interaction: 300, Session: 300, Grant: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: scopes, audience, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: state.algorithm, kid: state.signing[0].kid } },
        }),
      },
    },
    interactions: { url: (ctx, interaction) => `/login/${interaction.uid}` },
    extraTokenClaims: (ctx, token) => accounts.get(token.accountId)?.claims,
    findAccount: (ctx, sub) => accounts.has(sub) && {
      accountId: sub, claims: () => ({ sub, ...accounts.get(sub).claims }),
    },
  });
  const callback = provider.callback();
  serve = async (request, response) => {
    const path = new URL(request.url, issuer).pathname;
    if (path === '/jwks') return jwks(request, response);
    if (path.startsWith('/login/')) return login(provider, request, response);
    return callback(request, response);
  };
}

function jwks(request, response) {
  state.asked += 1;
  response.setHeader('content-type', 'application/json');
  if (state.mood === 'slow') return undefined;
  if (state.mood === 'refusing') return response.writeHead(500).end('{}');
  if (state.mood === 'broken') return response.end('{"keys": [');
  if (state.mood === 'huge') return response.end(JSON.stringify({ keys: published(), more: 'x'.repeat(10 << 20) }));
  if (state.mood === 'private') return response.end(JSON.stringify({ keys: state.signing }));
  if (state.mood === 'moved') return response.writeHead(302, { location: `${issuer}/jwks?` }).end();
  if (state.mood === 'lying') {
    return response.end(JSON.stringify({ keys: published().map(({ kid }) => {
      const { d, ...other } = newKey();
      return { ...other, kid };
    }) }));
  }
  if (state.maxAge !== undefined) response.setHeader('cache-control', `max-age=${state.maxAge}`);
  const body = JSON.stringify({ keys: published() });
  const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    state.unchanged += 1;
    return response.writeHead(304).end();
  }
  return response.end(body);
}

/* Name and password, as little of a page as a browser needs. */
async function login(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  let body = '';
  for await (const piece of request) body += piece;
  const form = new URLSearchParams(body);
  const account = accounts.get(form.get('sub'));
  if (request.method !== 'POST' || account?.password !== form.get('password')) {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(`<!doctype html><title>Sign in</title><form method=post>
      <input name=sub aria-label=Name><input name=password type=password aria-label=Password>
      <button>Sign in</button></form>`);
  }
  const grant = new provider.Grant({ accountId: form.get('sub'), clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  grant.addResourceScope(resource, scopes);
  return provider.interactionFinished(request, response, {
    login: { accountId: form.get('sub') }, consent: { grantId: await grant.save() },
  }, { mergeWithLastSubmission: false });
}

const commands = {
  client({ client_id, client_secret, redirect_uri }) {
    clients.set(client_id, redirect_uri
      ? { client_id, token_endpoint_auth_method: 'none', redirect_uris: [redirect_uri],
        grant_types: ['authorization_code'], response_types: ['code'] }
      : { client_id, client_secret, redirect_uris: [], grant_types: ['client_credentials'], response_types: [],
        scope: scopes });
    start();
  },
  account({ sub, password, claims }) {
    accounts.set(sub, { password, claims });
  },
  rotate({ algorithm = state.algorithm, keep = false }) {
    state.algorithm = algorithm;
    state.signing = [newKey()];
    state.published = [...state.signing, ...(keep ? state.published : [])];
    start();
    return { kid: state.signing[0].kid };
  },
  mood({ mood, maxAge }) {
    Object.assign(state, { mood, maxAge });
  },
  asked: () => ({ asked: state.asked, unchanged: state.unchanged }),
};

commands.rotate({});
http.createServer((request, response) => serve(request, response)).listen(port, '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: issuer }));
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const { command, ...rest } = JSON.parse(line);
    console.log(JSON.stringify(commands[command](rest) ?? {}));
  }).on('close', () => process.exit(0));
});
