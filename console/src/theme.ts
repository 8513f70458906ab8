// Mantine's theme: one accent, the system's own fonts, dense controls.

import { ActionIcon, Button, createTheme, type MantineColorsTuple, Tooltip } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e8f4f7",
  "#d3e7ec",
  "#a6cfd9",
  "#76b6c6",
  "#4fa2b6",
  "#2f8ba1",
  "#1d778d",
  "#0f6478",
  "#0b5163",
  "#063e4d",
];

// Mantine paints fields and menus of a dark page with these; they carry the petrol's hue.
const dark: MantineColorsTuple = [
  "#e4ebee",
  "#b9c7ce",
  "#9db0ba",
  "#6b7f89",
  "#3a4a52",
  "#27343a",
  "#1a2429",
  "#151d21",
  "#10171a",
  "#0e1417",
];

const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif';

export const theme = createTheme({
  colors: { petrol, dark },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "md",
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  headings: { fontFamily: FONT, fontWeight: "650" },
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray" } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: false } },
    }),
  },
});
