-- AlterTable
ALTER TABLE "AgentSession" ADD COLUMN     "archivedAt" TIMESTAMPTZ(3),
ADD COLUMN     "deletedAt" TIMESTAMPTZ(3),
ADD COLUMN     "pinnedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "SessionReader" (
    "sessionId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "SessionReader_pkey" PRIMARY KEY ("sessionId","userId")
);

-- AddForeignKey
ALTER TABLE "SessionReader" ADD CONSTRAINT "SessionReader_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "AgentSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;
