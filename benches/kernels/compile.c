// What a real GPU's compiler makes of a compute kernel, without that GPU: Mesa's RADV on its null device.
//
// gcc -O1 -Wall compile.c -o compile -lvulkan
// RADV_FORCE_FAMILY=navi21 VK_DRIVER_FILES=.../radeon_icd.x86_64.json ./compile MODULE.spv LAYOUT.txt CODE.txt
//
// LAYOUT.txt is as modules.c writes it. Out: a line `name<TAB>value` for the adapter, the driver, and each statistic that
// VK_KHR_pipeline_executable_properties has; and CODE.txt, the instructions in blocks, as the compiler prints them. Nothing can be
// sent to a null device; pipelines can be made. Ends with 1 if one cannot.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

enum { SETS = 4, BINDINGS = 32, STATISTICS = 64, FORMS = 8 };

static void must(VkResult result, const char *what) {
    if (result == VK_SUCCESS) return;
    fprintf(stderr, "compile: %s: VkResult %d\n", what, result);
    exit(1);
}

static void refuse(const char *what) {
    fprintf(stderr, "compile: %s\n", what);
    exit(1);
}

// The bindings of each set, and the bytes of immediates.
struct layout {
    char entry[128];
    uint32_t immediates, count[SETS];
    VkDescriptorSetLayoutBinding list[SETS][BINDINGS];
};

static struct layout read_layout(const char *path) {
    static struct layout layout;
    FILE *file = fopen(path, "r");
    char word[32];
    if (!file) refuse("no such layout");
    if (fscanf(file, " entry %127s immediates %u", layout.entry, &layout.immediates) != 2) refuse("a layout without an entry point");
    while (fscanf(file, " %31s", word) == 1) {
        uint32_t set, binding, type;
        if (fscanf(file, "%u %u %u", &set, &binding, &type) != 3 || set >= SETS || layout.count[set] == BINDINGS) refuse("a binding that is none");
        layout.list[set][layout.count[set]++] =
            (VkDescriptorSetLayoutBinding){.binding = binding, .descriptorType = type, .descriptorCount = 1, .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
    }
    fclose(file);
    return layout;
}

static uint32_t *read_code(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    if (!file) refuse("no such module");
    fseek(file, 0, SEEK_END);
    *bytes = (size_t)ftell(file);
    rewind(file);
    uint32_t *code = malloc(*bytes);
    if (!code || fread(code, 1, *bytes, file) != *bytes) refuse("a module that cannot be read");
    fclose(file);
    return code;
}

// The null device, with everything it can do switched on: what a module asks for, it has.
static VkDevice open_device(void) {
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_3};
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
    VkInstance instance;
    must(vkCreateInstance(&info, 0, &instance), "no Vulkan");
    uint32_t one = 1;
    VkPhysicalDevice adapter;
    VkResult listed = vkEnumeratePhysicalDevices(instance, &one, &adapter);
    if (one == 0 || (listed != VK_SUCCESS && listed != VK_INCOMPLETE)) refuse("no adapter: RADV_FORCE_FAMILY and VK_DRIVER_FILES say which");

    VkPhysicalDeviceDriverProperties driver = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &driver};
    vkGetPhysicalDeviceProperties2(adapter, &properties);
    printf("adapter\t%s\ndriver\t%s %s\n", properties.properties.deviceName, driver.driverName, driver.driverInfo);

    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR statistics = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR};
    VkPhysicalDeviceVulkan13Features v13 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, .pNext = &statistics};
    VkPhysicalDeviceVulkan12Features v12 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v13};
    VkPhysicalDeviceVulkan11Features v11 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &v12};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v11};
    vkGetPhysicalDeviceFeatures2(adapter, &features);
    if (!statistics.pipelineExecutableInfo) refuse("this driver tells nothing of what it compiles");

    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
    const char *extensions[] = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME};
    VkDeviceCreateInfo wanted = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features, .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue, .enabledExtensionCount = 1, .ppEnabledExtensionNames = extensions};
    VkDevice device;
    must(vkCreateDevice(adapter, &wanted, 0, &device), "no device");
    return device;
}

static VkPipelineLayout make_layout(VkDevice device, const struct layout *layout) {
    VkDescriptorSetLayout sets[SETS];
    for (int set = 0; set < SETS; set++) {
        VkDescriptorSetLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
            .bindingCount = layout->count[set], .pBindings = layout->list[set]};
        must(vkCreateDescriptorSetLayout(device, &info, 0, &sets[set]), "no layout of a set");
    }
    VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = layout->immediates};
    VkPipelineLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .setLayoutCount = SETS, .pSetLayouts = sets,
        .pushConstantRangeCount = layout->immediates > 0, .pPushConstantRanges = &range};
    VkPipelineLayout made;
    must(vkCreatePipelineLayout(device, &info, 0, &made), "no layout");
    return made;
}

static VkPipeline make_pipeline(VkDevice device, const struct layout *layout, const uint32_t *code, size_t bytes) {
    VkShaderModuleCreateInfo module_info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = bytes, .pCode = code};
    VkShaderModule module;
    must(vkCreateShaderModule(device, &module_info, 0, &module), "no module");
    VkPipelineShaderStageCreateInfo stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
        .stage = VK_SHADER_STAGE_COMPUTE_BIT, .module = module, .pName = layout->entry};
    VkComputePipelineCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR,
        .stage = stage, .layout = make_layout(device, layout)};
    VkPipeline pipeline;
    must(vkCreateComputePipelines(device, 0, 1, &info, 0, &pipeline), "no pipeline");
    return pipeline;
}

static void print_statistics(VkDevice device, VkPipeline pipeline) {
    PFN_vkGetPipelineExecutableStatisticsKHR ask = (void *)vkGetDeviceProcAddr(device, "vkGetPipelineExecutableStatisticsKHR");
    if (!ask) refuse("this driver has no statistics");
    VkPipelineExecutableInfoKHR executable = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
    VkPipelineExecutableStatisticKHR list[STATISTICS] = {0};
    for (int k = 0; k < STATISTICS; k++) list[k].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
    uint32_t count = STATISTICS;
    must(ask(device, &executable, &count, list), "no statistics");
    for (uint32_t k = 0; k < count; k++) printf("%s\t%llu\n", list[k].name, (unsigned long long)list[k].value.u64);
}

// Of the forms that a driver keeps on the way, the last but the bytes: instructions in blocks.
static void write_code(VkDevice device, VkPipeline pipeline, const char *path) {
    PFN_vkGetPipelineExecutableInternalRepresentationsKHR ask = (void *)vkGetDeviceProcAddr(device, "vkGetPipelineExecutableInternalRepresentationsKHR");
    if (!ask) refuse("this driver shows no code");
    VkPipelineExecutableInfoKHR executable = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
    VkPipelineExecutableInternalRepresentationKHR forms[FORMS] = {0};
    for (int k = 0; k < FORMS; k++) forms[k].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
    uint32_t count = FORMS;
    // first how many bytes each has, then the bytes
    must(ask(device, &executable, &count, forms), "no code");
    for (uint32_t k = 0; k < count; k++) {
        forms[k].pData = malloc(forms[k].dataSize + 1);
        if (!forms[k].pData) refuse("no memory");
    }
    must(ask(device, &executable, &count, forms), "no code");
    for (uint32_t k = 0; k < count; k++) {
        if (!strstr(forms[k].name, "ACO")) continue;
        FILE *out = fopen(path, "wb");
        if (!out || fwrite(forms[k].pData, 1, forms[k].dataSize - 1, out) != forms[k].dataSize - 1 || fclose(out)) refuse("code that cannot be written");
        return;
    }
    refuse("no instructions in blocks");
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: compile MODULE.spv LAYOUT.txt CODE.txt\n");
        return 2;
    }
    struct layout layout = read_layout(words[2]);
    size_t bytes;
    uint32_t *code = read_code(words[1], &bytes);
    VkDevice device = open_device();
    VkPipeline pipeline = make_pipeline(device, &layout, code, bytes);
    print_statistics(device, pipeline);
    write_code(device, pipeline, words[3]);
    return 0;
}
