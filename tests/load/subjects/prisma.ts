// A peer: createTask as it is usually written, with stock tRPC on Express and an interactive Prisma transaction.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatabase } from '@it0/db/database';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import express from 'express';
import { v7 as newId } from 'uuid';
import { z } from 'zod';

const { DATABASE_URL, TENANT_ID } = process.env;
const tenantId = TENANT_ID!;
const db = createDatabase({ url: DATABASE_URL! });
const tenant = db.tenant(tenantId);
const t = initTRPC.create();
const Task = z.object({
  ownerId: z.uuid(),
  instanceId: z.uuid(),
  sessionId: z.uuid(),
  requestId: z.uuid(),
  message: z.string(),
});

const router = t.router({
  createTask: t.procedure.input(Task).mutation(async ({ input }) => {
    const { ownerId, instanceId, sessionId, requestId, message } = input;
    const [taskId, messageId] = [newId(), newId()];
    await tenant.$transaction(async (tx) => {
      await tx.agentInstance.findFirstOrThrow({ where: { id: instanceId, ownerId, status: 'RUNNING' } });
      const { seq } = await tx.agentSession.update({
        where: { id: sessionId, ownerId },
        data: { seq: { increment: 2 }, lastActiveAt: new Date() },
      });
      await tx.agentTask.create({ data: { id: taskId, sessionId, ownerId, requestId, message } });
      const parts = [{ type: 'text', text: message }];
      await tx.conversationMessage.create({
        data: { id: messageId, sessionId, taskId, role: 'USER', parts, seq: seq - 1n },
      });
      await tx.chatEvent.createMany({
        data: [
          { sessionId, taskId, seq: seq - 1n, payload: { type: 'message', messageId, requestId, text: message } },
          { sessionId, taskId, seq, payload: { type: 'task', status: 'QUEUED' } },
        ],
      });
      await tx.$executeRaw`INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId")
        VALUES (${tenantId}::uuid, ${sessionId}::uuid, ${taskId}::uuid)`;
    });
    return { sessionId, taskId };
  }),
});

const server = createServer(express().use('/trpc', createExpressMiddleware({ router })));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
