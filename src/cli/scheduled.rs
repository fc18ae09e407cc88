//! How the GPU engine should go about it, as arguments.

use clap::{Args, ValueEnum};
use synfire::plan::schedule::{Schedule, Settings};

/// The results do not depend on these.
#[derive(Args)]
pub struct Scheduled {
    /// On a GPU: the order of work [default: the one expected to be the fastest, see `synfire explain`]
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// On a GPU: threads of a workgroup: 32, 64, 128, 256, 512 or 1024
    #[arg(long, value_name = "THREADS")]
    workgroup: Option<u32>,
    /// On a GPU: who draws the synapses that it can draw by itself [default: device, on a software adapter host]
    #[arg(long, value_name = "WHO", value_enum)]
    draw: Option<Who>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    Device,
    Host,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScheduleName {
    Resident,
    Fused,
    TwoPass,
}

impl Scheduled {
    pub fn settings(&self) -> Settings {
        let schedule = self.schedule.map(|name| match name {
            ScheduleName::Resident => Schedule::Resident,
            ScheduleName::Fused => Schedule::Fused,
            ScheduleName::TwoPass => Schedule::TwoPass,
        });
        let there = self.draw.map(|who| who == Who::Device);
        Settings::default().schedule(schedule).workgroup(self.workgroup).draw_on_device(there)
    }
}
