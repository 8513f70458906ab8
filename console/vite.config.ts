import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where the API listens while developing: the mock, unless BATON_API names a server.
const api = process.env.BATON_API ?? "http://127.0.0.1:4600";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  server: { host: "127.0.0.1", port: 4601, proxy: { "/v1": api } },
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
