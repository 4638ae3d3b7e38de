// The description's schema as editors use it: held against itself by ajv, and completed by yaml-language-server.
//
//   npm install --no-save --prefix FOLDER ajv yaml-language-server
//   NODE_PATH=FOLDER/node_modules node tools/schema.mjs
//
// Every default and example has to keep its own rules; whatever completion writes has to be valid where it stands; the
// first line of each description that `pexgen init` writes has to lead to the schema beside it. Ends with 1 and a line
// for each that is not so. It is no part of `make test`, which has no Node.js.

import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(join(process.env.NODE_PATH ?? '.', 'x.js'));
const Ajv = require('ajv/dist/2020').default;
const { getLanguageService } = require('yaml-language-server');
const { TextDocument } = require('vscode-languageserver-textdocument');
const YAML = require('yaml');

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const schema = JSON.parse(readFileSync(join(root, 'pexgen', 'schema', 'description.schema.json'), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
const validate = ajv.compile(schema);
const wrong = [];

function* keys(node, path = []) {
  for (const [name, raw] of Object.entries(node.properties ?? {})) {
    const value = raw.$ref ? { ...schema.$defs[raw.$ref.split('/').pop()], ...raw } : raw;
    yield [[...path, name], value];
    yield* keys(value, [...path, name]);
    if (value.items) yield* keys(value.items, [...path, name, 0]);
  }
}

for (const [path, value] of keys(schema)) {
  const { $ref, ...alone } = value;
  const check = ajv.compile({ ...alone, $defs: schema.$defs });
  const given = [...('default' in value ? [value.default] : []), ...(value.examples ?? [])];
  for (const each of given) {
    if (!check(each)) wrong.push(`${path.join('.')}: ${JSON.stringify(each)} breaks its own rules: ${ajv.errorsText(check.errors)}`);
  }
}

for (const name of readdirSync(join(root, 'pexgen', 'starters')).filter((each) => each.endsWith('.yaml'))) {
  const text = readFileSync(join(root, 'pexgen', 'starters', name), 'utf8');
  if (!validate(YAML.parse(text))) wrong.push(`${name}: ${ajv.errorsText(validate.errors)}`);
}

const service = getLanguageService({
  schemaRequestService: async () => JSON.stringify(schema),
  workspaceContext: { resolveRelativePath: (relative) => relative },
});
service.configure({ validate: true, completion: true, schemas: [{ uri: 'file:///s.json', fileMatch: ['*'], schema }] });

// A snippet as somebody leaves it who types nothing into it.
const plain = (text) => text.replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1').replace(/\$\{?\d+\}?/g, '');

// Of what is written, only what is there counts: a key that completion leaves to be filled in has no value yet.
function filled(node) {
  if (Array.isArray(node)) {
    const entries = node.map(filled).filter((each) => each !== undefined);
    return node.length && !entries.length ? undefined : entries;
  }
  if (node === null || typeof node !== 'object') return node === null ? undefined : node;
  const found = Object.entries(node).map(([key, value]) => [key, filled(value)]).filter(([, value]) => value !== undefined);
  return found.length ? Object.fromEntries(found) : undefined;
}

const { $id, required, allOf, ...alone } = schema;
const ofSections = ajv.compile(alone);

function check(section, said) {
  for (const error of ofSections(section) ? [] : ofSections.errors) {
    if (error.keyword !== 'required') wrong.push(`${said}: ${JSON.stringify(section)}: ${error.instancePath} ${error.message}`);
  }
}

// At the outermost level completion writes whole sections, with what they need and with their defaults.
let completed = 0;
const document = TextDocument.create('file:///a.yaml', 'yaml', 1, '');
const { items } = await service.doComplete(document, document.positionAt(0), false);
for (const item of items) {
  const section = filled(YAML.parse(plain(item.textEdit?.newText ?? item.insertText ?? '')));
  if (section === undefined || typeof section !== 'object') continue;
  completed += 1;
  check(section, `completion of ${item.label}`);
}

// Nobody configures anything here: what an editor knows, it knows by the description's first line. A folder has the two
// files that init writes.
const folder = 'file:///customers/';
const unaided = getLanguageService({
  schemaRequestService: async (uri) => {
    if (uri === `${folder}description.schema.json`) return JSON.stringify(schema);
    throw new Error(`${uri} is not there`);
  },
  workspaceContext: { resolveRelativePath: (relative, resource) => new URL(relative, resource).href },
});
unaided.configure({ validate: true, completion: true });
// The service remembers a file's content by its version.
let version = 0;
const open = (content) => TextDocument.create(`${folder}contoso.yaml`, 'yaml', (version += 1), content);

for (const name of readdirSync(join(root, 'pexgen', 'starters')).filter((each) => each.endsWith('.yaml'))) {
  const text = readFileSync(join(root, 'pexgen', 'starters', name), 'utf8');
  const said = async (content) => {
    const opened = open(content);
    return (await unaided.doValidation(opened, false)).map((each) => each.message);
  };
  for (const message of await said(text)) wrong.push(`${name} in an editor: ${message}`);
  const misspelt = text.replace('platform: exchange-', 'platform: exchnage-');
  if ((await said(misspelt)).length === 0) wrong.push(`${name} in an editor: a wrong platform is not seen`);
  const at = open(text.replace(/platform: .*/, 'platform: '));
  const place = at.getText().indexOf('platform: ') + 'platform: '.length;
  const offered = (await unaided.doComplete(at, at.positionAt(place), false)).items.map((each) => each.label);
  if (!offered.includes('exchange-server')) wrong.push(`${name} in an editor: platforms are not offered: ${offered}`);
}

for (const each of new Set(wrong)) console.log(each);
console.log(`${wrong.length ? 'NOT OK' : 'OK'}: ${[...keys(schema)].length} keys, ${completed} completions`);
process.exit(wrong.length || completed === 0 ? 1 : 0);
