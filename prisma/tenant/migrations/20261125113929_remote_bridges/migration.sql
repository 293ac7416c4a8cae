-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "bridgeHost" TEXT,
ADD COLUMN     "bridgeVersion" TEXT,
ADD COLUMN     "serverUrl" TEXT;

-- CreateTable
CREATE TABLE "BridgeRequest" (
    "id" BIGSERIAL NOT NULL,
    "instanceId" UUID NOT NULL,
    "request" BYTEA NOT NULL,
    "takenAt" TIMESTAMPTZ(3),
    "answer" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "BridgeRequest_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "BridgeRequest_instanceId_id_idx" ON "BridgeRequest"("instanceId", "id");

-- AddForeignKey
ALTER TABLE "BridgeRequest" ADD CONSTRAINT "BridgeRequest_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "AgentInstance"("id") ON DELETE CASCADE ON UPDATE CASCADE;
