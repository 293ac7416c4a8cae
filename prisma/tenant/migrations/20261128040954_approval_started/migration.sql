-- AlterTable
ALTER TABLE "Approval" ADD COLUMN     "startedAt" TIMESTAMPTZ(3);
