-- CreateTable
CREATE TABLE "ModelPrice" (
    "model" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "input" DOUBLE PRECISION NOT NULL,
    "cachedInput" DOUBLE PRECISION,
    "output" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "ModelPrice_pkey" PRIMARY KEY ("model")
);
