import { randomUUID } from 'node:crypto';
import { appRouter } from '@it0/api/router';
import type { TaskRequest } from '@it0/contracts/bridge';
import { Role } from '@it0/contracts/permissions';
import { type TestApp, testApp, toAuthHeaders } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import { follow } from '@it0/tests/support/follow';
import { newPerson, type Person } from '@it0/tests/support/person';
import { setRules } from '@it0/tests/support/set-rules';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Procedures that end what later calls need, or create a schema each time. */
const excluded = [
  'auth.signOut',
  'tenant.create',
  'tenant.leave',
  'device.revoke',
  'device.revokeOthers',
  'invitation.join',
];
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>)
  .map(([path, { _def }]) => ({ path, type: _def.type }))
  .filter(({ path, type }) => type !== 'subscription' && !excluded.includes(path));

const getMarker = (tenant: number) => `marker-of-tenant-${tenant}-`;
/** Returns the marker in a person's messages to iAgent, which are private within the tenant too. */
const getPrivateMarker = (name: string) => `marker-of-iagent-of-${name.replace(' ', '-')}-`;
const tenants = 3;
const index = fc.nat({ max: 1_000 });
/** A step: a caller calls a procedure with any ids, or follows any session, or an agent reports. */
const Step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call'),
      person: index,
      target: index,
      ids: fc.array(index, { minLength: 8, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('listen'), person: index, target: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('report'), target: index }) },
);

test('no response or event contains data of another tenant or of another person’s iAgent', async () => {
  using bridge = fakeBridge();
  await using app = await testApp({ tasksPerMinute: 100_000 });
  const world = await createWorld(app, bridge);
  for (const { name, credential } of world.people.filter(({ hasPrivateSession }) => hasPrivateSession)) {
    expect(JSON.stringify(await app.client(credential).assistant.sessions.query({}))).toContain(getPrivateMarker(name));
  }
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 20, maxLength: 40 }), async (steps) => {
      const listening: { events: ReturnType<typeof follow>; person: Caller }[] = [];
      for (const step of steps) {
        if (step.kind === 'report') await world.report(step.target);
        else if (step.kind === 'listen') {
          const person = at(world.people, step.person);
          listening.push({
            person,
            events: follow(app.client(person.credential), at(world.ids.sessionId, step.target), '0'),
          });
        } else if ('ids' in step) await world.call(step);
      }
      // A last report in every session, after which every subscription has received all earlier ones.
      for (let target = 0; target < world.ids.taskId.length; target++) await world.report(target);
      for (const { events, person } of listening) {
        const text = JSON.stringify([events.events(), events.errors]);
        world.expectNothingForeign(person, text);
        world.received.push(text);
        events.end();
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 60_000 },
  );
  // The markers did appear for those who may see them.
  for (const texts of [world.bodies, world.received])
    expect(texts.some((text) => text.includes('marker-of-'))).toBe(true);
});

/** A caller. `of` has the markers that it may see. */
type Caller = {
  name: string;
  credential: { bearer?: string; apiKey?: string };
  of: Set<string>;
  hasPrivateSession?: boolean;
};
const at = <T>(list: T[], index: number): T => list[index % list.length]!;

/** Creates three tenants with data of every kind, people of every role, some in two tenants, and lists all ids. */
async function createWorld(app: TestApp, bridge: FakeBridge) {
  const { keys } = app.services;
  const db = app.database;
  const people: Caller[] = [{ name: 'nobody', credential: {}, of: new Set() }];
  const ids = {
    tenantId: [] as string[],
    instanceId: [] as string[],
    sessionId: [] as string[],
    taskId: [] as string[],
    approvalId: [] as string[],
    userId: [] as string[],
    shareId: [] as string[],
    id: [] as string[],
  };
  const tasks: { task: TaskRequest; marker: string }[] = [];
  const markers = Array.from({ length: tenants }, (_, tenant) => getMarker(tenant));
  await app.newAssistant({ bridgeUrl: bridge.url });

  /** Reports a running task with a pending approval. */
  async function startTask(task: TaskRequest, marker: string) {
    const report = approvalReport({
      ...{ command: `${marker}command`, allowedDecisions: ['deny'], expiresInMs: 600_000 },
    });
    await bridge.report(task, { type: 'task', status: 'RUNNING' });
    await bridge.report(task, report);
    tasks.push({ task, marker });
    ids.approvalId.push(report.approvalId);
  }

  async function startAssistantTask(person: Caller) {
    const marker = getPrivateMarker(person.name);
    const message = `${marker}message`;
    const created = await app
      .client(person.credential)
      .assistant.createTask.mutate({ message, requestId: randomUUID() });
    await startTask(await bridge.task(message), marker);
    ids.sessionId.push(created.sessionId);
    ids.taskId.push(created.taskId);
    markers.push(marker);
    person.of.add(marker);
    person.hasPrivateSession = true;
  }

  let owner: Person | undefined;
  for (let tenant = 0; tenant < tenants; tenant++) {
    const marker = getMarker(tenant);
    const tenantId = await db.createTenant({ name: `${marker}name` });
    ids.tenantId.push(tenantId);
    // The owner of one tenant is an operator of the next.
    if (owner)
      await app.services.auth.api.addMember({ body: { organizationId: tenantId, userId: owner.id, role: 'operator' } });
    if (owner) people.find(({ name }) => name === `owner ${tenant - 1}`)!.of.add(marker);
    for (const role of Role.options) {
      // Owners are members of two tenants, so their names have no marker.
      const name = role === 'owner' ? 'Olga' : `${marker}${role}`;
      const person = await newPerson(db, keys, { tenantId, role, name, email: `${name}-${tenant}@example.com` });
      if (role === 'owner') owner = person;
      ids.userId.push(person.id);
      const caller: Caller = {
        name: `${role} ${tenant}`,
        credential: { bearer: person.bearer },
        of: new Set([marker]),
      };
      people.push(caller);
      if (role !== 'viewer') await startAssistantTask(caller);
    }
    const client = app.client(owner!);
    const { key, id } = await client.apiKey.create.mutate({
      name: `${marker}key`,
      scopes: ['instance:read', 'session:read', 'member:read'],
      days: null,
    });
    // The key has the access of its owner.
    const ofOwner = new Set([marker, getPrivateMarker(`owner ${tenant}`)]);
    people.push({ name: `key ${tenant}`, credential: { apiKey: key }, of: ofOwner });
    const invitation = await client.invitation.create.mutate({ email: `${marker}invited@example.com`, role: 'viewer' });
    ids.id.push(id, invitation.id);
    for (let n = 0; n < 2; n++) {
      const { id: instanceId } = await app.newInstance(owner!, { bridgeUrl: bridge.url });
      await db
        .tenant(tenantId)
        .agentInstance.update({ where: { id: instanceId }, data: { name: `${marker}instance` } });
      const rule = { kind: 'exec', pattern: `${marker}rule`, action: 'ask' } as const;
      await setRules(client, instanceId, [rule]);
      await client.instance.share.mutate({ instanceId, with: { role: n === 0 ? 'viewer' : 'operator' } });
      const [share] = await client.instance.shares.query({ instanceId });
      const message = `${marker}message ${n}`;
      const { sessionId, taskId } = await client.instance.createTask.mutate({
        instanceId,
        message,
        requestId: randomUUID(),
      });
      await startTask(await bridge.task(message), marker);
      for (const [name, value] of Object.entries({ instanceId, sessionId, taskId, shareId: share!.id }))
        ids[name as keyof typeof ids].push(value);
    }
  }
  const [bodies, received]: [string[], string[]] = [[], []];
  function expectNothingForeign({ name, of }: Caller, text: string) {
    for (const marker of markers) {
      if (!of.has(marker)) expect([name, marker, text.includes(marker)]).toEqual([name, marker, false]);
    }
  }
  return {
    expectNothingForeign,
    people,
    ids,
    bodies,
    received,
    report: (target: number) => {
      const { task, marker } = at(tasks, target);
      return bridge.report(task, {
        type: 'tool',
        callId: randomUUID(),
        phase: 'start',
        name: 'exec',
        title: `${marker}tool`,
        args: '{}',
        textOffset: 0,
      });
    },
    /** Calls a procedure with values for all possible fields; the schema drops the others. */
    async call({ person: personIndex, target, ids: picked }: { person: number; target: number; ids: number[] }) {
      const person = at(people, personIndex);
      const { path, type } = at(procedures, target);
      const some = Object.fromEntries(Object.entries(ids).map(([name, values], n) => [name, at(values, picked[n]!)]));
      const role = at(Role.options, picked[0]!);
      const input = JSON.stringify({
        ...some,
        ...{
          role,
          with: picked[1]! % 2 ? { role } : { userId: some.userId },
          decision: 'deny',
          seen: { command: `${at(markers, picked[2]!)}command`, allowedDecisions: ['deny'] },
          rules: [],
          revision: 'none',
          message: 'hello',
          requestId: randomUUID(),
        },
        ...{
          email: `${randomUUID()}@example.com`,
          password: 'not the password',
          current: 'not it',
          next: 'not the password',
          code: '000000',
          challenge: 'x',
          token: 'x',
        },
      });
      const response = await fetch(
        `${app.url}/trpc/${path}${type === 'query' ? `?input=${encodeURIComponent(input)}` : ''}`,
        {
          method: type === 'query' ? 'GET' : 'POST',
          headers: { ...toAuthHeaders(person.credential), 'content-type': 'application/json' },
          body: type === 'query' ? undefined : input,
        },
      );
      const text = await response.text();
      bodies.push(text);
      // An invitation shows its organization to everyone with the link.
      if (path !== 'invitation.show') expectNothingForeign(person, text);
    },
  };
}
