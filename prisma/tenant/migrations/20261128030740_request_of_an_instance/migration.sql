-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "requestId" UUID;

-- So far the request's id was the instance's.
UPDATE "AgentInstance" SET "requestId" = "id";

ALTER TABLE "AgentInstance" ALTER COLUMN "requestId" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "AgentInstance_ownerId_requestId_key" ON "AgentInstance"("ownerId", "requestId");
