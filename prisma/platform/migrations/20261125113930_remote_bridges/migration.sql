-- CreateTable
CREATE TABLE "RemoteBridge" (
    "instanceId" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "codeHash" BYTEA,
    "codeExpiresAt" TIMESTAMPTZ(3),
    "codeUsedBy" BYTEA,
    "heardAt" TIMESTAMPTZ(3),
    "silent" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "RemoteBridge_pkey" PRIMARY KEY ("instanceId")
);

-- CreateIndex
CREATE UNIQUE INDEX "RemoteBridge_codeHash_key" ON "RemoteBridge"("codeHash");

-- CreateIndex
CREATE INDEX "RemoteBridge_tenantId_idx" ON "RemoteBridge"("tenantId");

-- CreateIndex
CREATE INDEX "RemoteBridge_heardAt_idx" ON "RemoteBridge"("heardAt");

-- AddForeignKey
ALTER TABLE "RemoteBridge" ADD CONSTRAINT "RemoteBridge_tenantId_fkey" FOREIGN KEY ("tenantId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
