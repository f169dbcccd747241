import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { localGateway } from "./local-gateway.ts";

const server = { host: "127.0.0.1", port: 5173, strictPort: true };

export default defineConfig({
  plugins: [react(), localGateway()],
  server,
  preview: server,
  build: { rolldownOptions: { input: ["index.html", "plain/index.html", "react/index.html"] } },
  // Vite does this by itself, except where the package is a link, as in this repository.
  optimizeDeps: { include: ["campaign-workflow/client"] },
});
