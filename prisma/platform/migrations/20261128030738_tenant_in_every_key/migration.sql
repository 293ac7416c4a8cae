-- DropIndex
DROP INDEX "Dispatch_sessionId_id_idx";

-- DropIndex
DROP INDEX "Dispatch_taskId_key";

-- DropIndex
DROP INDEX "Dispatch_tenantId_idx";

-- DropIndex
DROP INDEX "RemoteBridge_tenantId_idx";

-- AlterTable
ALTER TABLE "RemoteBridge" DROP CONSTRAINT "RemoteBridge_pkey",
ADD CONSTRAINT "RemoteBridge_pkey" PRIMARY KEY ("tenantId", "instanceId");

-- CreateIndex
CREATE INDEX "Dispatch_tenantId_sessionId_id_idx" ON "Dispatch"("tenantId", "sessionId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Dispatch_tenantId_taskId_key" ON "Dispatch"("tenantId", "taskId");
