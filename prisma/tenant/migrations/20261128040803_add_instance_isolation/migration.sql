-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "isolation" TEXT,
ADD COLUMN     "isolationDetail" TEXT;
