-- DropIndex
DROP INDEX "ConversationMessage_sessionId_seq_role_key";

-- AlterTable
ALTER TABLE "AgentSession" ADD COLUMN     "branch" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "branchCount" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "AgentTask" ADD COLUMN     "branch" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "ConversationMessage" ADD COLUMN     "branch" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "SessionBranch" (
    "sessionId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "taskId" UUID NOT NULL,
    "originalTaskId" UUID NOT NULL,
    "path" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SessionBranch_pkey" PRIMARY KEY ("sessionId","number")
);

-- CreateIndex
CREATE UNIQUE INDEX "SessionBranch_taskId_key" ON "SessionBranch"("taskId");

-- CreateIndex
CREATE INDEX "SessionBranch_originalTaskId_idx" ON "SessionBranch"("originalTaskId");

-- CreateIndex
CREATE UNIQUE INDEX "ConversationMessage_sessionId_branch_seq_role_key" ON "ConversationMessage"("sessionId", "branch", "seq", "role");

-- AddForeignKey
ALTER TABLE "SessionBranch" ADD CONSTRAINT "SessionBranch_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "AgentSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;
