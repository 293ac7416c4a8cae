-- AlterTable
ALTER TABLE "Approval" ADD COLUMN     "revokedAt" TIMESTAMPTZ(3);
