import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (kind: string) =>
  readFileSync(fileURLToPath(new URL(`../prisma/${kind}/schema.prisma`, import.meta.url)), 'utf8');

type Model = { name: string; body: string; fields: string[]; keys: string[][] };

/** Parses the models of a schema, with the fields of each unique key. */
function parseModels(schema: string): Model[] {
  return [...schema.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name, body]) => {
    const lines = body!.split('\n').map((line) => line.trim());
    const fields = lines.flatMap((line) => /^(\w+) +[A-Z]/.exec(line)?.[1] ?? []);
    const single = lines.flatMap((line) => (/ @(id|unique)\b/.test(line) ? [[line.split(' ', 1)[0]!]] : []));
    const compound = lines.flatMap((line) => {
      const list = /^@@(?:id|unique)\(\[([^\]]+)\]/.exec(line)?.[1];
      return list ? [list.split(',').map((field) => field.trim())] : [];
    });
    return { name: name!, body: body!, fields, keys: [...single, ...compound] };
  });
}

const platform = parseModels(read('platform'));
/** Names of fields that reference a row of a tenant's schema, such as `taskId` for `AgentTask`. */
const references = parseModels(read('tenant')).map(({ name }) => {
  const noun = name.replace(/^(Agent|Conversation|Instance(?=.))/, '');
  return `${noun[0]!.toLowerCase()}${noun.slice(1)}Id`;
});
const isTenantReference = (field: string) =>
  references.includes(field) || /^(agent)?(instance|session)Id$/i.test(field);

test('the scan finds the models that reference rows of a tenant', () => {
  expect(references).toEqual(
    expect.arrayContaining(['instanceId', 'sessionId', 'taskId', 'approvalId', 'attachmentId']),
  );
  const names = platform.filter(({ fields }) => fields.some(isTenantReference)).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Dispatch', 'RemoteBridge']));
  expect(platform.length).toBeGreaterThan(10);
});

for (const { name, body, fields, keys } of platform.filter(({ fields }) => fields.some(isTenantReference))) {
  test(`${name} has the tenant in every key that references a row of a tenant, and is deleted with it`, () => {
    expect(fields).toContain('tenantId');
    expect(keys.filter((key) => key.some(isTenantReference) && !key.includes('tenantId'))).toEqual([]);
    // At least one key identifies a row by the tenant and the id together.
    expect(keys.some((key) => key.includes('tenantId') && key.some(isTenantReference))).toBe(true);
    expect(body).toMatch(/tenant +Organization .*onDelete: Cascade/);
    // An index by the id alone would serve a statement without the tenant.
    const indexes = [...body.matchAll(/@@index\(\[([^\]]+)\]/g)].map(([, list]) =>
      list!.split(',').map((f) => f.trim()),
    );
    expect(indexes.filter((index) => index.some(isTenantReference) && index[0] !== 'tenantId')).toEqual([]);
  });
}

test('no model of a tenant has a tenantId, so that no row can claim another tenant', () => {
  expect(parseModels(read('tenant')).filter(({ fields }) => fields.includes('tenantId'))).toEqual([]);
});
