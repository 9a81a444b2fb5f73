#include "config/saved.hpp"
#include "unit/config/loading.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view main_file = "/etc/dialhook/dialhook.yaml";

SavedConfiguration sample()
{
    SavedConfiguration saved{std::chrono::system_clock::time_point(1'790'000'000'123ms), {}};
    saved.files.push_back({std::string(main_file), "include: conf.d/*.yaml\n"});
    saved.files.push_back({"/etc/dialhook/conf.d/a\nb \xff.yaml", std::string("file 3 4\nend\n\0\xfe", 15)});
    saved.files.push_back({"/etc/dialhook/conf.d/empty.yaml", ""});
    return saved;
}

std::string fault_of(std::string_view bytes, std::string_view file = main_file)
{
    const auto saved = decode(bytes, file);
    return saved ? "" : saved.error().message;
}

TEST(SavedConfigurationTest, ComesBackAsItWas)
{
    const SavedConfiguration written = sample();
    const auto read = decode(encode(written), main_file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->applied_at, written.applied_at);
    ASSERT_EQ(read->files.size(), written.files.size());
    for (std::size_t at = 0; at < written.files.size(); ++at) {
        EXPECT_EQ(read->files[at].path, written.files[at].path);
        EXPECT_EQ(read->files[at].text, written.files[at].text);
    }
}

TEST(SavedConfigurationTest, IsRefusedWhereverItWasCut)
{
    const std::string bytes = encode(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_NE(fault_of(std::string_view(bytes).substr(0, size)), "") << "cut after " << size << " bytes";
}

TEST(SavedConfigurationTest, IsRefusedWhicheverBitFlipped)
{
    const std::string bytes = encode(sample());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ (1U << bit % 8));
        EXPECT_NE(fault_of(changed), "") << "bit " << bit;
    }
}

TEST(SavedConfigurationTest, IsRefusedWithMoreBehindIt)
{
    EXPECT_EQ(fault_of(encode(sample()) + "x"), "its checksum is wrong: it was cut or changed");
}

TEST(SavedConfigurationTest, OfAnotherVersionOrFileIsRefusedByName)
{
    std::string other = encode(sample());
    other.replace(other.find(" 1 "), 3, " 2 ");
    EXPECT_EQ(fault_of(other), "it was written by another version of Dialhook");
    EXPECT_EQ(fault_of(encode(sample()), "/etc/other.yaml"),
              "it is the configuration of /etc/dialhook/dialhook.yaml, not of /etc/other.yaml");
    EXPECT_EQ(fault_of("webhooks: {}\n"), "it is not a saved configuration");
    EXPECT_EQ(fault_of(""), "it is not a saved configuration");
}

TEST(SavedConfigurationTest, OfNoFileIsRefused)
{
    EXPECT_EQ(fault_of(encode({})), "its parts do not fit together");
}

/// What a load reads is what it hands over, and a load of that gives the same without the files.
TEST(SavedConfigurationTest, ServesInsteadOfTheFiles)
{
    SourceTexts files;
    std::string main;
    {
        const Folder folder;
        main = folder.write("main.yaml", "include: conf.d/*.yaml\n").string();
        folder.write("conf.d/a.yaml", "webhooks: { a: { url: http://crm.example/, headers: { X: \"${file:" +
                                          folder.path().string() + "/secret}\" } } }\n");
        folder.write("secret", "canary");
        Environment keeping;
        keeping.on_file = [&](const std::shared_ptr<const SourceText>& file) { files.share(file); };
        folder.load_well("main.yaml", keeping);
        ASSERT_EQ(files.size(), 2U);
        EXPECT_EQ(files[0].path, main);
        for (const SourceText& file : files)
            EXPECT_EQ(file.text.find("canary"), std::string::npos);

        folder.write("main.yaml", "nonsense");
        folder.write("conf.d/b.yaml", "nonsense");
        Environment saved;
        saved.saved = &files;
        const Configuration again = folder.load_well("main.yaml", saved);
        ASSERT_EQ(again.webhooks.size(), 1U);
        EXPECT_EQ(again.webhooks[0].name.str(), "a");
    }
    Environment saved;
    saved.saved = &files;
    const auto without_the_secret = load(main, saved);
    ASSERT_FALSE(without_the_secret) << "a secret is read anew";
}

} // namespace
} // namespace dialhook::config::test
