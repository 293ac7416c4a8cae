-- AlterTable
ALTER TABLE "ConversationMessage" ADD COLUMN     "requestId" UUID;

UPDATE "ConversationMessage" m SET "requestId" = t."requestId" FROM "AgentTask" t WHERE t."id" = m."taskId" AND m."role" = 'USER';
