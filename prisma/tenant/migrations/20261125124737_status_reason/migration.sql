-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "statusReason" TEXT;
