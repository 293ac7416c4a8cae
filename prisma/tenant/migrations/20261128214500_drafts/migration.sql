-- CreateTable
CREATE TABLE "Draft" (
    "ownerId" UUID NOT NULL,
    "scopeId" UUID NOT NULL,
    "sessionId" UUID,
    "instanceId" UUID,
    "text" TEXT NOT NULL,
    "attachmentIds" UUID[],
    "revision" INTEGER NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Draft_pkey" PRIMARY KEY ("ownerId","scopeId")
);

-- CreateIndex
CREATE INDEX "Draft_sessionId_idx" ON "Draft"("sessionId");

-- CreateIndex
CREATE INDEX "Draft_instanceId_idx" ON "Draft"("instanceId");

-- AddForeignKey
ALTER TABLE "Draft" ADD CONSTRAINT "Draft_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "AgentSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Draft" ADD CONSTRAINT "Draft_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "AgentInstance"("id") ON DELETE CASCADE ON UPDATE CASCADE;
