-- CreateTable
CREATE TABLE "InstanceShare" (
    "id" UUID NOT NULL,
    "instanceId" UUID NOT NULL,
    "userId" UUID,
    "role" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "InstanceShare_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "InstanceShare_userId_idx" ON "InstanceShare"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "InstanceShare_instanceId_userId_key" ON "InstanceShare"("instanceId", "userId");

-- CreateIndex
CREATE UNIQUE INDEX "InstanceShare_instanceId_role_key" ON "InstanceShare"("instanceId", "role");

-- AddForeignKey
ALTER TABLE "InstanceShare" ADD CONSTRAINT "InstanceShare_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "AgentInstance"("id") ON DELETE CASCADE ON UPDATE CASCADE;
