import { toExportUrl } from '@it0/contracts/export-path';
import type { TestApp } from '@it0/tests/support/app';

/** Reads what the first owner of a tenant sees, except what depends on the present time. */
export async function readData(app: Pick<TestApp, 'url' | 'client'>, { cookie }: { cookie: string }) {
  const client = app.client({ cookie });
  const get = async (path: string) => (await fetch(app.url + path, { headers: { cookie } })).text();
  const readSession = async (sessionId: string) => {
    const conversation = JSON.parse(await get(toExportUrl({ sessionId, format: 'json' })));
    const ids = new Set(JSON.stringify(conversation).match(/(?<="type":"attachment","id":")[^"]+/g));
    const files = await Promise.all([...ids].map((id) => get(`/api/v1/agent/attachments/${id}`)));
    return { conversation, files, approvals: await readApprovals(conversation) };
  };
  const readApprovals = async (conversation: unknown) => {
    const ids = new Set(JSON.stringify(conversation).match(/(?<="approvalId":")[^"]+/g));
    return Promise.all([...ids].sort().map((approvalId) => client.approval.find.query({ approvalId })));
  };
  const instances = await client.instance.list.query();
  const agents = await Promise.all(
    instances.map(async ({ id, name, engineType, ownerName }) => {
      const pages = (['active', 'archived'] as const).map((list) =>
        client.instance.sessions.query({ instanceId: id, list, limit: 100 }),
      );
      const sessions = (await Promise.all(pages)).flatMap(({ items }) => items);
      return {
        ...{ id, name, engineType, ownerName, sessions },
        conversations: await Promise.all(sessions.map((session) => readSession(session.id))),
        rules: await client.approval.rules.query({ instanceId: id }),
      };
    }),
  );
  const { matches } = await client.session.search.query({ query: '磁盘空间' });
  return {
    agents,
    matches,
    prompts: await client.prompt.list.query(),
    prices: await client.usage.prices.query(),
    members: await client.member.list.query(),
  };
}
