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

/** Ends what the next calls need, or makes a schema each time. */
const left = [
  'auth.signOut',
  'tenant.create',
  'tenant.leave',
  'device.revoke',
  'device.revokeOthers',
  'invitation.join',
];
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>)
  .map(([path, { _def }]) => ({ path, type: _def.type }))
  .filter(({ path, type }) => type !== 'subscription' && !left.includes(path));

const markerOf = (tenant: number) => `marker-of-tenant-${tenant}-`;
/** What is said to iAgent is that person's alone, in their own tenant too. */
const privateMarkerOf = (name: string) => `marker-of-iagent-of-${name.replace(' ', '-')}-`;
const tenants = 3;
const index = fc.nat({ max: 1_000 });
/** What happens: somebody asks for something that may be anybody's, listens to it, or an agent says something. */
const Step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call'),
      who: index,
      what: index,
      ids: fc.array(index, { minLength: 8, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('listen'), who: index, what: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('report'), what: index }) },
);

test('no response or event contains data of another tenant or of another person’s iAgent', async () => {
  using bridge = fakeBridge();
  await using app = await testApp({ tasksPerMinute: 100_000 });
  const world = await worldOf(app, bridge);
  for (const { name, credential } of world.people.filter(({ hasAsked }) => hasAsked)) {
    expect(JSON.stringify(await app.client(credential).assistant.sessions.query({}))).toContain(privateMarkerOf(name));
  }
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 20, maxLength: 40 }), async (steps) => {
      const listening: { events: ReturnType<typeof follow>; person: Asker }[] = [];
      for (const step of steps) {
        if (step.kind === 'report') await world.report(step.what);
        else if (step.kind === 'listen') {
          const person = at(world.people, step.who);
          listening.push({
            person,
            events: follow(app.client(person.credential), at(world.ids.sessionId, step.what), '0'),
          });
        } else if ('ids' in step) await world.call(step);
      }
      // One more thing is said in every session, so that whoever still listens has heard all before it.
      for (let what = 0; what < world.ids.taskId.length; what++) await world.report(what);
      for (const { events, person } of listening) {
        const said = JSON.stringify([events.events(), events.errors]);
        world.expectNothingForeign(person, said);
        world.heard.push(said);
        events.end();
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 60_000 },
  );
  // It was all there to be seen.
  for (const said of [world.answers, world.heard]) expect(said.some((text) => text.includes('marker-of-'))).toBe(true);
});

/** `of`: the markers of what they may see. */
type Asker = {
  name: string;
  credential: { bearer?: string; apiKey?: string };
  of: Set<string>;
  hasAsked?: boolean;
};
const at = <T>(list: T[], index: number): T => list[index % list.length]!;

/** Three tenants with everything in them, people of every role, some of two tenants, and everybody's ids. */
async function worldOf(app: TestApp, bridge: FakeBridge) {
  const { keys } = app.services;
  const db = app.database;
  const people: Asker[] = [{ name: 'nobody', credential: {}, of: new Set() }];
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
  const markers = Array.from({ length: tenants }, (_, tenant) => markerOf(tenant));
  await app.newAssistant({ bridgeUrl: bridge.url });

  /** An agent is at what it was asked, and wants to be allowed something. */
  async function begin(task: TaskRequest, marker: string) {
    const report = approvalReport({
      ...{ command: `${marker}command`, allowedDecisions: ['deny'], expiresInMs: 600_000 },
    });
    await bridge.report(task, { type: 'task', status: 'RUNNING' });
    await bridge.report(task, report);
    tasks.push({ task, marker });
    ids.approvalId.push(report.approvalId);
  }

  async function askAssistant(person: Asker) {
    const marker = privateMarkerOf(person.name);
    const message = `${marker}message`;
    const asked = await app.client(person.credential).assistant.createTask.mutate({ message, requestId: randomUUID() });
    await begin(await bridge.task(message), marker);
    ids.sessionId.push(asked.sessionId);
    ids.taskId.push(asked.taskId);
    markers.push(marker);
    person.of.add(marker);
    person.hasAsked = true;
  }

  let owner: Person | undefined;
  for (let tenant = 0; tenant < tenants; tenant++) {
    const marker = markerOf(tenant);
    const tenantId = await db.createTenant({ name: `${marker}name` });
    ids.tenantId.push(tenantId);
    // The owner of one tenant is an operator of the next.
    if (owner)
      await app.services.auth.api.addMember({ body: { organizationId: tenantId, userId: owner.id, role: 'operator' } });
    if (owner) people.find(({ name }) => name === `owner ${tenant - 1}`)!.of.add(marker);
    for (const role of Role.options) {
      // Owners are members of two tenants: their names are no secret of the one.
      const name = role === 'owner' ? 'Olga' : `${marker}${role}`;
      const person = await newPerson(db, keys, { tenantId, role, name, email: `${name}-${tenant}@example.com` });
      if (role === 'owner') owner = person;
      ids.userId.push(person.id);
      const asker: Asker = { name: `${role} ${tenant}`, credential: { bearer: person.bearer }, of: new Set([marker]) };
      people.push(asker);
      if (role !== 'viewer') await askAssistant(asker);
    }
    const client = app.client(owner!);
    const { key, id } = await client.apiKey.create.mutate({
      name: `${marker}key`,
      scopes: ['instance:read', 'session:read', 'member:read'],
      days: null,
    });
    // Whoever has the key reads what its owner may.
    const ofOwner = new Set([marker, privateMarkerOf(`owner ${tenant}`)]);
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
      await begin(await bridge.task(message), marker);
      for (const [name, value] of Object.entries({ instanceId, sessionId, taskId, shareId: share!.id }))
        ids[name as keyof typeof ids].push(value);
    }
  }
  const [answers, heard]: [string[], string[]] = [[], []];
  function expectNothingForeign({ name, of }: Asker, said: string) {
    for (const marker of markers) {
      if (!of.has(marker)) expect([name, marker, said.includes(marker)]).toEqual([name, marker, false]);
    }
  }
  return {
    expectNothingForeign,
    people,
    ids,
    answers,
    heard,
    report: (what: number) => {
      const { task, marker } = at(tasks, what);
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
    /** Every procedure takes of this what it knows. */
    async call({ who, what, ids: picked }: { who: number; what: number; ids: number[] }) {
      const person = at(people, who);
      const { path, type } = at(procedures, what);
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
      const answer = await response.text();
      answers.push(answer);
      // An invitation tells whoever has its link what it is for.
      if (path !== 'invitation.show') expectNothingForeign(person, answer);
    },
  };
}
