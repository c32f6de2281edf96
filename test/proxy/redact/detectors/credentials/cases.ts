// Texts with the secret in ⟦ ⟧, and texts that hold none, by what they are about. No value here is anyone's: the
// ones with a known form are made up by the tables' own generator, so that no scanner of repositories meets a token.

import { exampleOf } from '../../../../../proxy/redact/detectors/credentials/template.ts'

const KEY = exampleOf('{alnum:32}', 11)
const HEX = exampleOf('{hexlow:40}', 12)
const UUID = exampleOf('{hexlow:8}-{hexlow:4}-4{hexlow:3}-a{hexlow:3}-{hexlow:12}', 13)
const BASE64 = `${exampleOf('{alnum:20}', 14)}/${exampleOf('{alnum:21}', 15)}==`
const GITHUB = exampleOf('ghp_{alnum:36}', 16)

export const SECRETS: readonly string[] = [
  // Assignments, in the spellings of languages and tools.
  `API_TOKEN=⟦${KEY}⟧`,
  `export ACME_API_KEY="⟦${KEY}⟧"`,
  `const acmeSecret = '⟦${HEX}⟧';`,
  `token := "⟦${KEY}⟧"`,
  `'api_token' => '⟦${KEY}⟧',`,
  `{"client_secret":"⟦${KEY}⟧","n":1}`,
  `{"body":"{\\"access_token\\":\\"⟦${KEY}⟧\\"}"}`,
  `client = acme.Client(token='⟦${KEY}⟧')`,
  `<apiKey>\n  ⟦${KEY}⟧\n</apiKey>`,
  `<add key="ApiToken" value="⟦${KEY}⟧" />`,
  `- name: ACME_API_KEY\n  value: ⟦${KEY}⟧\n`,
  `[acme]\nsecret_key = ⟦${BASE64}⟧\n`,
  `ENV ACME_SECRET_KEY ⟦${KEY}⟧`,
  `$env:ACME_TOKEN = "⟦${KEY}⟧"`,
  `acme login --token ⟦${KEY}⟧ --verbose`,
  `//registry.acme.test/:_authToken=⟦${KEY}⟧`,
  `https://acme.test/v1?limit=10&access_token=⟦${KEY}⟧&z=1`,
  `HEROKU_KEY=⟦${UUID}⟧`,
  `sourcegraph: ⟦${HEX}⟧`,
  `aws_secret_access_key = ⟦${exampleOf('{alnum:18}/{alnum:10}+{alnum:10}', 21)}⟧`,
  // Headers and commands.
  `Authorization: Bearer ⟦${KEY}⟧`,
  `curl -H 'X-Api-Key: ⟦${UUID}⟧'`,
  'Authorization: Basic ⟦dXNlcjpwYXNzd29yZDEyMw==⟧',
  'curl -u ⟦deploy:h0pk1ns~21s⟧ https://acme.test/',
  '{"auths":{"r.test":{"auth":"⟦dXNlcjpwYXNzd29yZDEyMw==⟧"}}}',
  // Sentences.
  `Why does this fail? I pass the token ⟦${KEY}⟧ and get 401.`,
  `The API key is '⟦${KEY}⟧'.`,
  `这是我的 acme token：⟦${KEY}⟧，帮我看看`,
  `密钥是⟦${KEY}⟧，不要泄露`,
  `请用令牌 ⟦${KEY}⟧ 调用接口`,
  // Passwords.
  'password=⟦hunter2x⟧',
  '"password": "⟦S3cr3t!pass⟧"',
  'DB_PASSWORD=⟦correcthorse⟧',
  '<password>⟦Pa55w0rd!⟧</password>',
  'mysql --password=⟦Tr0ub4dor⟧ -u root',
  'mysql --password ⟦Tr0ub4dor⟧ -u root',
  'machine api.test login bob password ⟦h4ckme99⟧',
  "ALTER USER bob WITH PASSWORD '⟦x9Kq!2⟧'",
  "CREATE USER a IDENTIFIED BY '⟦zz81Kq⟧'",
  'Server=db;User Id=sa;Password=⟦P@ssw0rd1⟧;Encrypt=true',
  'my password is ⟦Blue42Fish⟧',
  '密码：⟦abc12345⟧',
  '我的密码 ⟦Zx9!kk20⟧ 你记一下',
  '管理员密码为⟦Admin@2023⟧',
  '用户名admin 密码⟦123456⟧',
  'contraseña: ⟦Gato2024!⟧',
  'Passwort: ⟦Sommer2023!⟧',
  'mot_de_passe = "⟦Soleil#77⟧"',
  'wachtwoord: ⟦Fiets123!⟧',
  'hasło: ⟦Kot12345⟧',
  // URLs.
  'redis://⟦:p4ssw0rd!⟧@cache.test:6379/0',
  'mongodb+srv://⟦app:Zx81-kk⟧@c0.mongodb.test/db',
  `https://⟦${GITHUB}⟧@github.test/x/y`,
  '⟦https://hooks.slack.com/services/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⟧',
  // Known forms where they stand alone, escaped, or cut into a path.
  `see ⟦${GITHUB}⟧ here`,
  `"a\\n⟦${GITHUB}⟧\\nb"`,
  `?q=%3D⟦${GITHUB}⟧`,
  `deploy-⟦${GITHUB}⟧`,
  `⟦${exampleOf('eyJ{url:30}.eyJ{url:40}.{url:43}', 31)}⟧`,
  // Secret manifests.
  'kind: Secret\ntype: Opaque\ndata:\n  password: ⟦MWYyZDFlMmU2N2Rm⟧\n',
  'apiVersion: v1\ndata:\n  a: ⟦YWRtaW4=⟧\nkind: Secret\n',
  '{"kind":"Secret","data":{"k":"⟦c2VjcmV0⟧"}}',
  'kind: Secret\nstringData:\n  token: ⟦plainvalue⟧\n---\nkind: ConfigMap\ndata:\n  a: b\n',
]

export const NO_SECRETS: readonly string[] = [
  // Placeholders and references.
  'AKIAIOSFODNN7EXAMPLE',
  'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  `ghp_${'x'.repeat(36)}`,
  'api_key: xxxxxxxxxxxxxxxxxxxxxxxx',
  'api_key: your_api_key_here_1',
  'API_KEY=<your-key-123>',
  'token: ${ACME_TOKEN_1}',
  'const token = process.env.ACME_TOKEN2',
  'password: {{ vault_pw1 }}',
  'PASSWORD=$(cat /run/secret1)',
  'password = getPassword1()',
  'curl -u "${USER}:${PASSWORD1}" https://acme.test',
  'curl -u user:password https://acme.test',
  'postgres://user:password@localhost/db',
  'Authorization: Bearer <token>',
  // Words that only look like labels.
  'public_key: abc123def4567890abcdef1234567890',
  'keyword=abc123def456ghi789',
  'monkey: banana123banana456',
  'compass: 12.5, bypass: 14',
  'tests pass 123',
  'max_tokens: 128000, token_type: bearer',
  'nextPageToken: "CAUQAA12abQ99xyzK1"',
  'secretName: my-secret-1',
  'Ctrl+Shift+K1',
  'password: string;',
  'password: must be 8 characters',
  'if (password == "abc123") return',
  'autocomplete="new-password"',
  '密码至少8位，包含数字',
  '请输入密码：',
  // Other random things.
  `id ${UUID}`,
  `idempotency_key: ${UUID}`,
  `commit ${HEX}`,
  `ETag: "${HEX}"`,
  `"integrity": "sha512-${BASE64}"`,
  `key: ${HEX}`,
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  'npm@5.6.7 glob@8 version: 1.2.3-beta.4 1700000000000',
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----',
  '-----BEGIN PRIVATE KEY-----\nanything\n-----END PRIVATE KEY-----',
  'this.cachedToken = CachedX509Token',
  'kind: ConfigMap\ndata:\n  a: YWRtaW4=\n',
  'my secret is out: everyone saw it in 2024',
]
