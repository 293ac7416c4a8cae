-- AlterTable
ALTER TABLE "RemoteBridge" ADD COLUMN     "codeMadeBy" UUID;

-- AlterTable
ALTER TABLE "TwoFactor" ADD COLUMN     "lastStep" INTEGER;

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "claimedEmail" TEXT;

-- CreateTable
CREATE TABLE "ResetLink" (
    "tokenHash" BYTEA NOT NULL,
    "userId" UUID NOT NULL,
    "makerId" UUID,
    "tenantId" UUID,
    "role" TEXT,
    "email" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ResetLink_pkey" PRIMARY KEY ("tokenHash")
);

-- CreateIndex
CREATE INDEX "ResetLink_userId_idx" ON "ResetLink"("userId");

-- CreateIndex
CREATE INDEX "ResetLink_makerId_idx" ON "ResetLink"("makerId");

-- CreateIndex
CREATE INDEX "ResetLink_tenantId_idx" ON "ResetLink"("tenantId");

-- CreateIndex
CREATE INDEX "User_claimedEmail_idx" ON "User"("claimedEmail");

-- AddForeignKey
ALTER TABLE "ResetLink" ADD CONSTRAINT "ResetLink_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ResetLink" ADD CONSTRAINT "ResetLink_makerId_fkey" FOREIGN KEY ("makerId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ResetLink" ADD CONSTRAINT "ResetLink_tenantId_fkey" FOREIGN KEY ("tenantId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
