//! Words to buffers and back: creation, writing, reading through a staging buffer.

use std::sync::{Arc, Mutex, PoisonError};

use super::device::{GpuDevice, GpuError};

/// Bytes handed to the queue at once.
const PIECE: usize = 32 << 20;

/// Words on their way back.
pub struct Pending {
    submission: wgpu::SubmissionIndex,
    words: u64,
    outcome: Arc<Mutex<Option<Mapped>>>,
}

/// What mapping a buffer gave.
type Mapped = Result<(), wgpu::BufferAsyncError>;

/// No buffer is empty, so that every binding is valid.
pub fn bytes_of(words: u64) -> u64 {
    words.max(4) * 4
}

pub async fn create(device: &GpuDevice, label: &'static str, words: u64) -> Result<wgpu::Buffer, GpuError> {
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    make(device, label, words, usage).await
}

pub async fn staging(device: &GpuDevice, words: u64) -> Result<wgpu::Buffer, GpuError> {
    make(device, "staging", words, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST).await
}

async fn make(device: &GpuDevice, label: &'static str, words: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer, GpuError> {
    let size = bytes_of(words);
    let during = format!("made the buffer `{label}` of {size} bytes");
    let made = device.scoped(&during, |d, _| {
        d.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
    });
    made.await
}

/// Writes words from a byte on.
pub async fn write<T: bytemuck::NoUninit>(
    device: &GpuDevice,
    buffer: &wgpu::Buffer,
    offset: u64,
    words: &[T],
) -> Result<(), GpuError> {
    let mut at = offset;
    for piece in bytemuck::cast_slice::<T, u8>(words).chunks(PIECE) {
        device.scoped("wrote a buffer", |_, queue| queue.write_buffer(buffer, at, piece)).await?;
        at += piece.len() as u64;
    }
    Ok(())
}

/// Asks for words of several buffers (buffer, first word, words), one after the other, behind what `before` encodes.
pub async fn ask(
    device: &GpuDevice,
    staging: &wgpu::Buffer,
    parts: &[(&wgpu::Buffer, u64, u64)],
    before: impl FnOnce(&mut wgpu::CommandEncoder),
) -> Result<Pending, GpuError> {
    let words: u64 = parts.iter().map(|p| p.2).sum();
    let outcome: Arc<Mutex<Option<Mapped>>> = Arc::default();
    let told = outcome.clone();
    let asked = device.scoped("ran a batch", |d, queue| {
        let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("batch") });
        before(&mut encoder);
        let mut at = 0;
        for (buffer, first, words) in parts.iter().filter(|p| p.2 > 0) {
            encoder.copy_buffer_to_buffer(buffer, first * 4, staging, at, words * 4);
            at += words * 4;
        }
        let submission = queue.submit([encoder.finish()]);
        if words > 0 {
            staging.map_async(wgpu::MapMode::Read, 0..words * 4, move |result| {
                if let Ok(mut told) = told.lock() {
                    *told = Some(result);
                }
            });
        }
        submission
    });
    Ok(Pending { submission: asked.await?, words, outcome })
}

/// Waits for the words that were asked for.
pub fn receive(device: &GpuDevice, staging: &wgpu::Buffer, pending: Pending) -> Result<Vec<u32>, GpuError> {
    receive_with(device, staging, pending, |bytes| words(bytes).collect())
}

/// Mapped memory need not be aligned as words are.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b))
}

/// The same, read where they stand.
pub fn receive_with<T>(
    device: &GpuDevice,
    staging: &wgpu::Buffer,
    pending: Pending,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, GpuError> {
    device.wait("read back", pending.submission)?;
    if pending.words == 0 {
        return Ok(read(&[]));
    }
    device.planted("mapped what was read back")?;
    match pending.outcome.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(Ok(())) => {}
        Some(Err(e)) => return Err(GpuError::device("read back", e)),
        None => return Err(GpuError::device("read back", "no answer")),
    }
    let view = staging.get_mapped_range(0..pending.words * 4).map_err(|e| GpuError::device("read back", e))?;
    let out = read(&view);
    drop(view);
    staging.unmap();
    Ok(out)
}
