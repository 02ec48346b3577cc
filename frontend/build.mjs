// Builds the style sheets and scripts into src/loket/web/static/built/: hashed names, a manifest, and each
// file compressed beforehand. Run `node frontend/build.mjs` after `npm ci`.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../src/loket/web/static/built");

// GOV.UK Frontend writes left and right; start and end serve right-to-left languages with the same sheet.
// Floats stay as they are (browsers learnt their logical values late); loket.scss turns them round.
function logical(css) {
  return css
    .replace(/\b(margin|padding)-(left|right):/g, (_, box, side) => `${box}-inline-${side === "left" ? "start" : "end"}:`)
    .replace(/\bborder-(left|right)(-width|-color|-style)?:/g, (_, side, what = "") => `border-inline-${side === "left" ? "start" : "end"}${what}:`)
    .replace(/([;{])(left|right):/g, (_, before, side) => `${before}inset-inline-${side === "left" ? "start" : "end"}:`)
    .replace(/text-align:(left|right)/g, (_, side) => `text-align:${side === "left" ? "start" : "end"}`);
}

function style(name) {
  const sheet = sass.compile(join(here, "src", `${name}.scss`), {
    loadPaths: [join(here, "node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  const { code } = esbuild.transformSync(logical(sheet.css), {
    loader: "css",
    minify: true,
    target: ["chrome87", "firefox78", "safari14.1"],
  });
  return Buffer.from(code);
}

function script(name) {
  const bundle = esbuild.buildSync({
    entryPoints: [join(here, "src", `${name}.js`)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2018",
    legalComments: "none",
    write: false,
  });
  return Buffer.from(bundle.outputFiles[0].contents);
}

const files = {
  "citizen.css": style("citizen"),
  "desk.css": style("desk"),
  "citizen.js": script("citizen"),
  "desk.js": script("desk"),
  "mark.svg": readFileSync(join(here, "src/mark.svg")),
};

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const manifest = {};
let citizen = 0;
for (const [name, body] of Object.entries(files)) {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  const extension = extname(name);
  const hashed = `${name.slice(0, -extension.length)}.${hash}${extension}`;
  const brotli = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(target, hashed), body);
  writeFileSync(join(target, `${hashed}.br`), brotli);
  writeFileSync(join(target, `${hashed}.gz`), gzipSync(body, { level: 9 }));
  manifest[name] = hashed;
  if (!name.startsWith("desk")) citizen += brotli.length;
  console.log(`${name.padEnd(12)} ${String(body.length).padStart(7)} bytes, ${String(brotli.length).padStart(6)} in brotli`);
}
console.log(`citizen pages load ${citizen} bytes of these`);
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 1));

// The fonts of documents, where the press finds them: regular and bold of each script, and Latin's italic.
const fonts = join(here, "../src/loket/documents/fonts/built");
const faces = {
  "noto-sans": ["400Regular", "700Bold", "400Regular_Italic"],
  "noto-naskh-arabic": ["400Regular", "700Bold"],
  "noto-sans-devanagari": ["400Regular", "700Bold"],
  "noto-sans-ethiopic": ["400Regular", "700Bold"],
  "noto-sans-symbols": ["400Regular"],
  "noto-sans-thai": ["400Regular", "700Bold"],
};
rmSync(fonts, { recursive: true, force: true });
mkdirSync(fonts, { recursive: true });
for (const [family, styles] of Object.entries(faces)) {
  const name = family.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  for (const style of styles) {
    const file = `${name}_${style}.ttf`;
    copyFileSync(join(here, "node_modules/@expo-google-fonts", family, style, file), join(fonts, file));
  }
}
