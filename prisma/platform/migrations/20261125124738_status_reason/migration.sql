-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "statusReason" TEXT;
