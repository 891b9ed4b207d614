//! Colours, light and dark, as a style sheet; plain rules, which every viewer of SVG understands.

use super::picture::{Kind, Sign};

/// For a picture.
pub(crate) const PICTURE: &str = "
.page{fill:#ffffff}
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans','DejaVu Sans',sans-serif;fill:#1f2328}
.heading{font-size:19px;font-weight:600}
.title{font-size:13px;font-weight:600}
.body{font-size:12px}
.small{font-size:11px}
.muted{fill:#59636e}
.value{fill:#0a6640}
.box{fill:#ffffff;stroke:#d1d9e0;stroke-width:1}
.around{fill:#818b98;fill-opacity:.07;stroke:#818b98;stroke-opacity:.55}
.dashed{stroke-dasharray:5 4}
.rule{stroke:#d1d9e0;stroke-opacity:.7}
.wire{fill:none;stroke:#818b98;stroke-width:1.4}
.waits{stroke-dasharray:2 4}
.head,.dot{fill:#818b98}
.sign{fill:none;stroke:#59636e;stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}
.bar{fill:#8250df;fill-opacity:.75}
.sign.gate{stroke:#8250df}.sign.person{stroke:#0969da}.sign.failure{stroke:#cf222e}.sign.verify,.sign.check{stroke:#1a7f37}
.accent.task{fill:#0969da}.accent.command{fill:#1b7c83}.accent.import{fill:#818b98}.accent.result{fill:#1a7f37}
.accent.ci{fill:#818b98}.accent.environment{fill:#0969da}.accent.production{fill:#1a7f37}.accent.edge{fill:#8250df}
.around.loop{fill:#8250df;stroke:#8250df}.around.branch,.around.arm{fill:#bf8700;stroke:#bf8700}.around.group{fill:#0969da;stroke:#0969da}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117}
text{fill:#e6edf3}
.muted{fill:#9198a1}
.value{fill:#7ee2b8}
.box{fill:#151b23;stroke:#3d444d}
.rule{stroke:#3d444d}
.around{fill:#9198a1;stroke:#9198a1}
.wire{stroke:#7d8590}
.head,.dot{fill:#7d8590}
.sign{stroke:#9198a1}
.bar{fill:#ab7df8}
.sign.gate{stroke:#ab7df8}.sign.person{stroke:#4493f8}.sign.failure{stroke:#f85149}.sign.verify,.sign.check{stroke:#3fb950}
.accent.task{fill:#4493f8}.accent.command{fill:#39c5cf}.accent.import{fill:#9198a1}.accent.result{fill:#3fb950}
.accent.ci{fill:#9198a1}.accent.environment{fill:#4493f8}.accent.production{fill:#3fb950}.accent.edge{fill:#ab7df8}
.around.loop{fill:#ab7df8;stroke:#ab7df8}.around.branch,.around.arm{fill:#d29922;stroke:#d29922}.around.group{fill:#4493f8;stroke:#4493f8}
}
";

/// For the page around pictures.
pub(super) const PAGE: &str = "
:root{color-scheme:light dark}
body{margin:0;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;color:#1f2328;background:#ffffff}
header{padding:28px 32px 8px}
h1{font-size:26px;margin:0}
h2{font-size:20px;margin:36px 0 4px}
nav{padding:0 32px;display:flex;flex-wrap:wrap;gap:6px 14px}
a{color:#0969da;text-decoration:none}
a:hover{text-decoration:underline}
main{padding:0 32px 48px}
p{margin:4px 0;max-width:80ch}
.muted{color:#59636e}
.tabs{display:flex;flex-wrap:wrap;align-items:center;gap:4px 6px;margin:10px 0}
.tabs label{padding:2px 12px;border:1px solid #d1d9e0;border-radius:14px;cursor:pointer;font-size:13px}
.choice{position:absolute;opacity:0}
.choice:focus-visible+label{outline:2px solid #0969da}
.variant{display:none}
.frame{overflow:auto;border:1px solid #d1d9e0;border-radius:8px;max-height:92vh}
.frame svg{display:block}
.fit{margin-left:auto;font-size:13px;color:#59636e}
section:has(.fit input:checked) .frame svg{width:100%;height:auto}
@media (prefers-color-scheme:dark){
body{color:#e6edf3;background:#0d1117}
a{color:#4493f8}
.muted,.fit{color:#9198a1}
.tabs label,.frame{border-color:#3d444d}
}
@media print{.frame{max-height:none;overflow:visible;border:0}.frame svg{width:100%;height:auto}.tabs,nav{display:none}.variant{display:block}}
";

/// A kind's class.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Task => "task",
        Kind::Command => "command",
        Kind::Import => "import",
        Kind::Loop => "loop",
        Kind::Branch => "branch",
        Kind::Arm => "arm",
        Kind::Group => "group",
        Kind::Finally => "finally",
        Kind::Result => "result",
        Kind::Entry => "entry",
        Kind::Exit => "exit",
        Kind::Ci => "ci",
        Kind::Environment => "environment",
        Kind::Production => "production",
        Kind::Edge => "edge",
    }
}

/// A sign's class, and its strokes in a square of 12.
pub(super) fn sign(sign: Sign) -> (&'static str, &'static str) {
    match sign {
        Sign::Check => ("check", "M1.5 6.5L4.5 9.5L10.5 2.5"),
        Sign::Build => ("build", "M6 1L11 3.5V8.5L6 11L1 8.5V3.5ZM1 3.5L6 6L11 3.5M6 6V11"),
        Sign::Person => {
            ("person", "M6 5.5A2.2 2.2 0 1 0 6 1.1A2.2 2.2 0 1 0 6 5.5M1.5 11C1.5 8.6 3.5 7.4 6 7.4S10.5 8.6 10.5 11")
        }
        Sign::Gate => ("gate", "M6 1L11 6L6 11L1 6Z"),
        Sign::Wait => ("wait", "M6 11A5 5 0 1 0 6 1A5 5 0 1 0 6 11M6 3.2V6L8 7.4"),
        Sign::Deploy => ("deploy", "M6 11V2M2.5 5.5L6 2L9.5 5.5"),
        Sign::Run => ("run", "M3 1.5L10 6L3 10.5Z"),
        Sign::Verify => {
            ("verify", "M6 1L10.5 2.8V6C10.5 8.7 8.6 10.4 6 11.2C3.4 10.4 1.5 8.7 1.5 6V2.8ZM4 6L5.5 7.5L8.2 4.6")
        }
        Sign::Traffic => ("traffic", "M1.5 11V8M6 11V5M10.5 11V1.5"),
        Sign::Notify => ("notify", "M1 2.5H11V9.5H1ZM1 3L6 6.8L11 3"),
        Sign::Failure => ("failure", "M2 2L10 10M10 2L2 10"),
        Sign::Fact => ("fact", "M6 1.2V1.4M6 4.5V10.8"),
    }
}
