//! E10: from the end of a dispatch to numbers in hand: copied to a buffer that can be mapped, mapped, read.

use std::time::Instant;

use crate::device::{Device, median};
use crate::{Arguments, Outcome, Section};

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E10: reading back", &["bytes", "µs", "GB/s"]);
    let sizes: &[u64] =
        if arguments.small { &[4, 1 << 16, 1 << 20] } else { &[4, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 128 << 20] };
    for bytes in sizes {
        if arguments.late() {
            break;
        }
        let from = device.buffer(*bytes);
        let staging = device.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: *bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let read = || {
            let began = Instant::now();
            let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(&from, 0, &staging, 0, *bytes);
            let submission = device.queue.submit([encoder.finish()]);
            staging.map_async(wgpu::MapMode::Read, .., |_| {});
            device.device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
            // touched, as a recording is
            let words = staging.get_mapped_range(..)?.to_vec();
            let seconds = began.elapsed().as_secs_f64();
            std::hint::black_box(words);
            staging.unmap();
            Ok(seconds)
        };
        let seconds = median(9, read)?;
        section.row([bytes.to_string(), format!("{:.1}", seconds * 1e6), format!("{:.3}", *bytes as f64 / seconds / 1e9)]);
    }
    Ok(section)
}
